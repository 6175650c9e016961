"""Every format against noise: whatever is printed, it is read or refused with a reason.

Samples are those of the cases, damaged in a few places; lines are lost, repeated, swapped and joined.
"""

import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.facts.base import Output, Unparsable
from inventory.formats.base import Format
from inventory.formats.catalogue import FORMATS
from inventory.formats.spelling import Invocation, invocation
from tests.yaml_data import load

DATA = Path(__file__).parent.parent / "data"
by_name = pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)


@cache
def samples(name: str) -> list[tuple[str, str]]:
    """The outputs of a format's cases, with the command that each is of."""
    cases = [
        load(path) for path in [*DATA.glob(f"facts/{name}/*.yaml"), *DATA.glob(f"formats/{name}/*.yaml")]
    ]
    return [(case["stdout"], case.get("command", "")) for case in cases] or [("", "")]


def given_line(each: Format, command: str) -> Invocation:
    return invocation(command or each.commands[0].removesuffix("…"))


def read(each: Format, text: str, command: str, stderr: str, status: int | None) -> None:
    try:
        each.read(Output(text, stderr, status), given_line(each, command))
    except Unparsable as refusal:
        assert refusal.reason


def damaged(text: str, data: st.DataObject) -> str:
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + data.draw(st.text(max_size=6)) + text[end:]
    return text


def noise(each: Format, data: st.DataObject) -> None:
    text, command = data.draw(st.sampled_from(samples(each.name)))
    status = data.draw(st.sampled_from([0, 0, 0, 1, 2, None]))
    read(each, damaged(text, data), command, data.draw(st.text(max_size=20)), status)


@pytest.mark.threat("T28")
@by_name
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_noise_never_breaks_a_parser(each: Format, data: st.DataObject) -> None:
    noise(each, data)


@pytest.mark.deep
@by_name
@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_much_noise_never_breaks_a_parser(each: Format, data: st.DataObject) -> None:
    noise(each, data)


@by_name
def test_shuffled_lines_never_break_a_parser(each: Format) -> None:
    chance = random.Random(each.name)
    for text, command in samples(each.name):
        lines = text.splitlines(keepends=True)
        for _ in range(3):
            mixed = [*lines, *chance.sample(lines, min(2, len(lines)))]
            chance.shuffle(mixed)
            read(each, "".join(mixed[chance.randrange(3) :]), command, "", 0)
            read(each, text.replace("\n", "", chance.randrange(3)), command, "", 0)


@by_name
def test_warnings_before_an_output_are_not_read_as_part_of_it(each: Format) -> None:
    """A banner or a warning above the output: refused, or read as without it."""
    for banner in (
        "exec(): 0509-036 Cannot load program lsvg because of the following errors:\n",
        "*** W ***\n",
    ):
        for text, command in samples(each.name):
            given = given_line(each, command)
            try:
                found = each.read(Output(banner + text), given)
            except Unparsable:
                continue
            if each.name not in ANY_TEXT:
                assert found == each.read(Output(text), given)


ANY_TEXT = {"security_profile", "lvupdate_data", "nim_live_update_data"}


@by_name
def test_line_ends_of_a_terminal_and_trailing_blanks_do_not_matter(each: Format) -> None:
    for text, command in samples(each.name):
        given = given_line(each, command)
        try:
            expected = each.read(Output(text), given)
        except Unparsable:
            continue
        if each.name not in ANY_TEXT and "\r" not in text:
            assert each.read(Output(text.replace("\n", "\r\n")), given) == expected
            assert each.read(Output(text.replace("\n", "  \n")), given) == expected
