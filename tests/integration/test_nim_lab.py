"""A look at LPARs of the lab reads their NIM master too, and what it says decides what it should."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.actions.facts import stored_facts
from inventory.facts.base import ReadingState
from inventory.facts.nim.nim_object import NIM_OBJECT
from inventory.lab.estate import running_lab
from liveupdate.actions.looks import look_at, named_lpar
from liveupdate.readiness.base import FindingState
from liveupdate.readiness.catalogue import Assessment, assess
from liveupdate.states import Verdict
from liveupdate.subjects import subject_of_lpar
from portal.audit.actor import Actor
from tests.lab_estate import Estate, import_lab

ACTOR = Actor.command("test")
NIM_CHECKS = ("RQ-007", "RQ-034", "RQ-056", "RQ-057", "RQ-058", "RQ-179")


@pytest.fixture
def estate(tmp_path: Path, transactional_db: None) -> Iterator[Estate]:
    with running_lab(tmp_path / "lab", speed=300) as lab:
        yield import_lab(lab)


def states(assessment: Assessment) -> dict[str, FindingState]:
    return {f.check.id: f.state for f in assessment.findings if f.check.id in NIM_CHECKS}


def through_nim(name: str) -> dict[str, FindingState]:
    lpar = named_lpar(name)
    return states(assess(subject_of_lpar(lpar, stored_facts(lpar), procedure="nim_live_update")))


def test_the_nim_master_is_part_of_a_look(estate: Estate) -> None:
    facts, assessment = look_at(named_lpar("pay01"), ACTOR)
    assert facts.keys(NIM_OBJECT) == ["9080-M9S_78A1234", "hmc01", "pay01"]
    assert assessment.verdict == Verdict.READY
    assert states(assessment)["RQ-179"] == FindingState.OK
    assert set(through_nim("pay01").values()) == {FindingState.OK}

    look_at(named_lpar("web02"), ACTOR)
    unknown = through_nim("web02")
    assert unknown["RQ-056"] == unknown["RQ-058"] == FindingState.BLOCKER
    assert unknown["RQ-179"] == FindingState.WARNING

    estate.lab.fault("nim01", "refuse")
    facts, assessment = look_at(named_lpar("pay01"), ACTOR)
    assert {r.state for r in facts.readings.values() if r.host == "nim01"} == {ReadingState.UNREACHABLE}
    assert assessment.verdict == Verdict.READY
    assert set(through_nim("pay01").values()) == {FindingState.UNKNOWN, FindingState.OK}
