"""Every parser against its cases (tests/data/facts/FACT/CASE.yaml) and against noise.

A case has the output (`stdout`, `stderr`, `status`) and either the `value` as plain data or, under
`refused`, the line that the parser must name.
"""

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inventory.facts.base import Output, Unparsable
from inventory.facts.catalogue import FACTS, fact_named
from tests.yaml_data import load

CASES = Path(__file__).parent.parent / "data" / "facts"
FILES = sorted(CASES.glob("*/*.yaml"))
NAMES = sorted({path.parent.name for path in FILES})


def output_of(case: dict[str, Any]) -> Output:
    return Output(case["stdout"], case.get("stderr", ""), case.get("status", 0))


def plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return str(value) if isinstance(value, Decimal) else value


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path: Path) -> None:
    case = load(path)
    fact = fact_named(path.parent.name)
    if "value" in case:
        assert plain(fact.parse(output_of(case))) == case["value"]
    else:
        with pytest.raises(Unparsable) as refusal:
            fact.parse(output_of(case))
        assert refusal.value.line == case["refused"]


@pytest.mark.parametrize("name", NAMES)
def test_every_fact_has_answers_and_refusals(name: str) -> None:
    cases = [load(path) for path in FILES if path.parent.name == name]
    assert any("value" in case for case in cases)
    assert any("refused" in case for case in cases)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_an_unknown_end_is_no_answer(fact: Any) -> None:
    for path in (path for path in FILES if path.parent.name == fact.name and "value" in load(path)):
        case = load(path)
        if case["value"] and not case.get("status"):
            with pytest.raises(Unparsable):
                fact.parse(Output(case["stdout"], case.get("stderr", ""), None))
