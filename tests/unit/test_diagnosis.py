"""Each known trace of a failure is recognised, and its cause stands before its envelope."""

import json
import re
from pathlib import Path

import pytest

from liveupdate.diagnosis.base import Next, Rank, Signature, find
from liveupdate.diagnosis.catalogue import SIGNATURES, diagnose

DATA = Path(__file__).parents[1] / "data" / "diagnosis"
CASES = sorted(path.stem for path in DATA.glob("*.txt"))


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    expected = json.loads((DATA / f"{case}.json").read_text())
    found = diagnose((DATA / f"{case}.txt").read_text())
    assert [diagnosis.signature.id for diagnosis in found] == expected["ids"]
    for diagnosis in found:
        wanted = expected["values"].get(diagnosis.signature.id, {})
        assert wanted.items() <= diagnosis.values.items()


def test_lines_are_numbered_and_shown_as_printed() -> None:
    (found,) = diagnose("first\n  1430-237 FAILED: No management console specified \n")
    assert found.lines == ((2, "1430-237 FAILED: No management console specified"),)
    assert found.as_dict()["lines"] == [
        {"number": 2, "text": "1430-237 FAILED: No management console specified"}
    ]


def test_the_pitfalls_say_what_may_follow() -> None:
    follows = {signature.id: signature.next for signature in SIGNATURES if signature.id[0] == "P"}
    assert follows == {
        "P1": Next.RETRY,
        "P2": Next.PREPARE,
        "P3": Next.RETRY,
        "P4": Next.PERSON,
        "P5": Next.RETRY,
        "P6": Next.PERSON,
        "P7": Next.PERSON,
        "P8": Next.PERSON,
    }


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda s: s.id)
def test_a_signature_is_whole(signature: Signature) -> None:
    known = {other.id for other in SIGNATURES}
    assert re.fullmatch(r"[PF]\d{1,2}", signature.id)
    assert signature.title and signature.cause.endswith(".") and signature.remedy.endswith(".")
    assert set(signature.covers) <= known - {signature.id}
    for pattern in (signature.pattern, signature.needs, signature.unless, *signature.details):
        re.compile(pattern)


def test_needs_and_unless() -> None:
    signature = Signature("F99", "t", "trace", "c.", "r.", needs="also", unless="but")
    assert find(signature, "trace also")
    assert find(signature, "trace") is None
    assert find(signature, "trace also but") is None
    assert signature.rank is Rank.CAUSE


def test_a_fileset_whose_name_speaks_of_licences_is_no_trace() -> None:
    listed = "  bos.sysmgt.loginlic 7.2.5.100               # License Management\n"
    failed = "install_all_updates: Result = FAILURE\n"
    assert "F17" not in [diagnosis.signature.id for diagnosis in diagnose(listed + failed)]
    asked = "A licence agreement must be accepted.\n"
    assert "F17" in [diagnosis.signature.id for diagnosis in diagnose(listed + asked + failed)]
