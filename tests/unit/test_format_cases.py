"""Formats that are no facts against their cases, and every format against outputs that are cut off.

A case (tests/data/formats/FORMAT/CASE.yaml) has the `command` as given, the
output, and the `value` or the line that is `refused`; tests/unit/test_fact_cases.py does the same for
facts.
"""

from pathlib import Path
from typing import Any

import pytest

from inventory.captures import plain
from inventory.facts.base import Output, Unparsable
from inventory.formats.base import Format
from inventory.formats.catalogue import FORMATS, formats_of
from inventory.formats.spelling import invocation
from tests.yaml_data import load

DATA = Path(__file__).parent.parent / "data"
FILES = sorted((DATA / "formats").glob("*/*.yaml"))
OWN = [each for each in FORMATS if not each.is_fact]
WHOLE_FILES = {"lvupdate_data", "niminfo", "nim_live_update_data"}


def output_of(case: dict[str, Any]) -> Output:
    return Output(case["stdout"], case.get("stderr", ""), case.get("status", 0))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path: Path) -> None:
    case = load(path)
    given = invocation(case["command"])
    each = next(each for each in formats_of(given) if each.name == path.parent.name)
    if "value" in case:
        assert plain(each.read(output_of(case), given)) == case["value"]
    else:
        with pytest.raises(Unparsable) as refusal:
            each.read(output_of(case), given)
        assert refusal.value.line == case["refused"]


def test_no_two_formats_share_a_name() -> None:
    assert len({each.name for each in FORMATS}) == len(FORMATS)


@pytest.mark.parametrize("each", OWN, ids=lambda each: each.name)
def test_every_format_has_answers_and_refusals(each: Format) -> None:
    cases = [load(path) for path in FILES if path.parent.name == each.name]
    assert any("value" in case for case in cases)
    assert any("refused" in case for case in cases)


def read(each: Format, case: dict[str, Any], stdout: str) -> Any:
    given = invocation(case.get("command", each.commands[0]))
    try:
        return each.read(Output(stdout, case.get("stderr", ""), case.get("status", 0)), given)
    except Unparsable:
        return Unparsable


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)
def test_an_output_cut_off_within_a_line_is_refused_or_told_whole(each: Format) -> None:
    """Cut anywhere, a value is that of the whole lines before the cut, or the one of the whole line."""
    if each.name in WHOLE_FILES:
        return
    for path in [*DATA.glob(f"facts/{each.name}/*.yaml"), *DATA.glob(f"formats/{each.name}/*.yaml")]:
        case = load(path)
        text = case["stdout"]
        if "value" not in case or len(text) > 4000:
            continue
        ends = [place for place, character in enumerate(text) if character == "\n"]
        for cut in range(max(0, len(text) - 300), len(text)):
            found = read(each, case, text[:cut])
            if found is Unparsable:
                continue
            start = max((end + 1 for end in ends if end < cut), default=0)
            end = next((end + 1 for end in ends if end >= cut), len(text))
            assert found in (read(each, case, text[:start]), read(each, case, text[:end])), (
                path.stem,
                text[:cut],
            )
