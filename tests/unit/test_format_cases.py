"""Formats that are no facts against their cases, and every format against outputs that are cut off.

A case (tests/data/formats/FORMAT/CASE.yaml) has the `command` as given (and maybe the `host`), the
output, and the `value` or the line that is `refused`; tests/unit/test_fact_cases.py does the same for
facts.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from inventory.captures import Refused, Understood, read_capture
from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.catalogue import FACTS
from inventory.formats.base import Format
from inventory.formats.catalogue import FORMATS
from inventory.formats.spelling import invocation

DATA = Path(__file__).parent.parent / "data"
FILES = sorted((DATA / "formats").glob("*/*.yaml"))
FACT_NAMES = {fact.name for fact in FACTS}
OWN = [each for each in FORMATS if each.name not in FACT_NAMES]
WHOLE_FILES = {"lvupdate_data", "niminfo"}


@cache
def load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def output_of(case: dict[str, Any]) -> Output:
    return Output(case["stdout"], case.get("stderr", ""), case.get("status", 0))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path: Path) -> None:
    case = load(path)
    host = HostKind(case["host"]) if "host" in case else None
    outcome = read_capture(case["command"], output_of(case), host)
    if "value" in case:
        assert isinstance(outcome, Understood), outcome
        assert (outcome.format.name, outcome.value) == (path.parent.name, case["value"])
    else:
        assert isinstance(outcome, Refused), outcome
        assert (outcome.format.name, outcome.line) == (path.parent.name, case["refused"])


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
