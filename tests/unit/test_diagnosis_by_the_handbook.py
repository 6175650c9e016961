"""Logs written by the handbook's rules, not by the signatures: forms of 7.2 and 7.3, other hosts and
processes, several errors after the root cause, cut heads, wrapped lines, carriage returns, other languages.

A case names the root cause (`unknown`: no signature knows it; null: no failure), what its line names, and
how the update ended.
"""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from liveupdate.diagnosis.diagnosing import Result, diagnose
from tests.noises import NOISES

DATA = Path(__file__).parents[1] / "data" / "diagnosis_by_the_handbook"
CASES = sorted(path.stem for path in DATA.glob("*.json"))


def judged(case: str, noise: Callable[[str], str] = str) -> Result:
    files = sorted((DATA / case).iterdir())
    return diagnose(
        (file.name, BytesIO(noise(file.read_bytes().decode("latin-1")).encode("latin-1"))) for file in files
    )


def root_of(result: Result) -> str | None:
    if result.is_unknown:
        return "unknown"
    return result.diagnoses[0].signature.id if result.diagnoses else None


@pytest.mark.parametrize("case", CASES)
def test_the_root_cause_comes_first(case: str) -> None:
    expected = json.loads((DATA / f"{case}.json").read_text())
    result = judged(case)
    assert root_of(result) == expected["root"]
    assert result.outcome == expected["outcome"]
    named = result.diagnoses[0].values if result.diagnoses else {}
    assert expected["values"].items() <= named.items()


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.__name__)
def test_the_way_to_the_reader_changes_no_diagnosis(noise: Callable[[str], str]) -> None:
    found = {case: (root_of(result), result.outcome) for case in CASES for result in [judged(case, noise)]}
    expected = {case: json.loads((DATA / f"{case}.json").read_text()) for case in CASES}
    assert found == {case: (said["root"], said["outcome"]) for case, said in expected.items()}
