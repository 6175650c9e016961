"""Every procedure under every fault: what the portal says is what happened on the estate.

A fault that the undisturbed run of a procedure never met, as the estate's truth log tells, cannot change
it: its pair is proven by that log, and some of those pairs are played all the same. All others are played.
`make matrix` goes through all pairs; the usual gate plays those that `cases.yaml` names.
"""

import os
import random
from collections.abc import Callable, Iterable

import pytest
from _pytest.mark import ParameterSet

from inventory.lab.faults import FAULTS
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.states import LparState
from tests.matrix.agreement import SUCCEEDED, disagreements
from tests.matrix.cases import CASES
from tests.matrix.expectations import (
    ANYBODY,
    expected,
    failings,
    has_to_meet,
    is_met,
    next_steps,
    strikes,
)
from tests.matrix.stage import Stage, Stages, outcome, told
from tests.matrix.verdicts import COST, VERDICT

NO_FAULT = "none"
MATRIX = [(case, fault) for case in CASES["procedures"] for fault in (NO_FAULT, *CASES["faults"])]
USUAL = [tuple(pair) for pair in CASES["usual"]]
Record = Callable[[str, object], None]
PLAYED_ALL_THE_SAME = 40
"""One in so many pairs that are out of reach is played."""


def _together(pairs: Iterable[tuple[str, str]]) -> list[ParameterSet]:
    """The pairs, those of a case on one worker, which makes its stage once."""
    return [pytest.param(*pair, marks=pytest.mark.xdist_group(pair[0])) for pair in pairs]


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]


def test_nothing_is_left_out() -> None:
    assert {case.get("procedure", name) for name, case in CASES["procedures"].items()} == set(PROCEDURES)
    assert {said.get("fault", name) for name, said in CASES["faults"].items()} == set(FAULTS)
    assert set(CASES["next"]) == {state.value for state in LparState}
    named = {name for said in CASES["faults"].values() for name in said["then"]}
    assert named <= {*CASES["procedures"], *CASES["families"], ANYBODY}


@pytest.mark.deep
@pytest.mark.parametrize(("case", "fault"), _together(USUAL))
def test_usual(case: str, fault: str, stages: Stages, record_property: Record) -> None:
    _pair(case, fault, stages, record_property)


@pytest.mark.matrix
@pytest.mark.parametrize(("case", "fault"), _together(pair for pair in MATRIX if pair not in USUAL))
def test_rest(case: str, fault: str, stages: Stages, record_property: Record) -> None:
    _pair(case, fault, stages, record_property)


def _pair(case: str, fault: str, stages: Stages, record_property: Record) -> None:
    stage = stages.of(case)

    def verdict(text: str) -> None:
        record_property(VERDICT, f"{case}/{fault}/{text}")

    if fault == NO_FAULT:
        verdict("played")
        _is_right_undisturbed(stage)
    elif is_met(stage, fault):
        verdict("played")
        began = _cpu_s()
        _is_right_under(stage, fault)
        record_property(COST, _cpu_s() - began)
    else:
        verdict("out of reach")
        assert not has_to_meet(case, fault), f"{case} never met {fault}: {sorted(stage.all_met)}"
        if random.Random(f"{case}/{fault}").randrange(PLAYED_ALL_THE_SAME) == 0:
            verdict("out of reach, played all the same")
            _changes_nothing(stage, fault)


def _is_right_undisturbed(stage: Stage) -> None:
    run = stage.undisturbed.run
    assert run is not None, stage.told
    assert run.state in SUCCEEDED, stage.told
    assert not stage.disagreements, "\n".join([*stage.disagreements, stage.told])


def _is_right_under(stage: Stage, fault: str) -> None:
    wanted = expected(stage.case_name, fault)
    with stage.begun() as (bench, request):
        played = bench.play(request, strikes(stage, fault), CASES["faults"][fault].get("way", ""))
        wrong = [*disagreements(played, stage.case.get("changes", ())), *next_steps(played, bench.estate)]
        wrong += failings(stage, played, wanted) if wanted else ["nobody says what has to come of it"]
        assert not wrong, "\n".join([*wrong, told(played)])


def _changes_nothing(stage: Stage, fault: str) -> None:
    """A fault that is out of reach leaves the run as it is without it."""
    with stage.begun() as (bench, request):
        played = bench.play(request, strikes(stage, fault))
        assert outcome(played) == stage.outcome, told(played)


def _cpu_s() -> float:
    """Seconds of this process and of those of its children that have ended."""
    return sum(os.times()[:4])
