"""Every procedure under every fault: what the portal says is what happened on the estate.

`make matrix` plays all pairs, which takes hours; the usual gate plays those that `cases.yaml` names.
"""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from liveupdate.lpar.consents import Consent
from liveupdate.procedures.catalogue import PROCEDURES
from tests.lab_ssh import session
from tests.matrix.agreement import SUCCEEDED, disagreements
from tests.matrix.bench import Bench, FaultCase, Played, bench
from tests.yaml_data import load

CASES: dict[str, Any] = load(Path(__file__).parent / "cases.yaml")
NO_FAULT = "none"
STRUCK = "local_live_update"
MATRIX = [(name, fault) for name in CASES["procedures"] for fault in (NO_FAULT, *CASES["faults"])]
USUAL = [tuple(pair) for pair in CASES["usual"]]
ALL_CONSENTS = frozenset(consent.value for consent in Consent)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]


def test_no_procedure_is_left_out() -> None:
    assert set(CASES["procedures"]) == set(PROCEDURES)


@pytest.mark.deep
@pytest.mark.parametrize(("procedure", "fault"), USUAL)
def test_usual(procedure: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _agrees(procedure, fault, tmp_path, monkeypatch)


@pytest.mark.matrix
@pytest.mark.parametrize(("procedure", "fault"), [pair for pair in MATRIX if pair not in USUAL])
def test_rest(procedure: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _agrees(procedure, fault, tmp_path, monkeypatch)


def _agrees(procedure: str, fault: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, trouble = CASES["procedures"][procedure], CASES["faults"].get(fault)
    strikes = [_fault(fault)] if trouble else []
    with bench(place, case.get("scenario", "demo")) as played_on:
        for secret in ("hmc_password", "powervc_password"):
            monkeypatch.setenv(f"LAB_{secret.upper()}", played_on.lab.description.get(secret, ""))
        for host, typed in case.get("typed", {}).items():
            with session(played_on.lab, host) as there:
                assert there.run(typed).status == 0
        if case.get("discovered"):
            call_command("discover", "--json")
        played_on.answer(case["lpar"], *case.get("answers", ()))
        for defect in case.get("defects", ()):
            played_on.lab.defect(case["lpar"], defect)
        for earlier in case.get("after", ()):
            _comes_before(played_on, case["lpar"], earlier)
        played = played_on.play(case["lpar"], _wish(procedure, case), strikes)
    assert not list(disagreements(played, case.get("changes", ()))), _told(played)
    if not trouble:
        assert played.run is not None, played.request.state_reason
        assert played.run.state in SUCCEEDED, _told(played)
    elif procedure == STRUCK and "diagnosis" in trouble:
        assert played.first_cause == trouble["diagnosis"], _told(played)


def _comes_before(played_on: Bench, lpar: str, earlier: dict[str, Any]) -> None:
    before = played_on.play(
        lpar, _wish(earlier["procedure"], earlier), [_fault(name) for name in earlier.get("faults", ())]
    )
    assert before.run is not None, before.request.state_reason
    assert (before.run.state in SUCCEEDED) is not bool(earlier.get("faults")), _told(before)
    if earlier.get("sign_off"):
        played_on.sign_off(before.run)


def _wish(procedure: str, case: dict[str, Any]) -> dict[str, Any]:
    return {"procedure": procedure, "consents": ALL_CONSENTS, **case.get("wish", {})}


def _fault(name: str) -> FaultCase:
    told = {key: value for key, value in CASES["faults"][name].items() if key != "diagnosis"}
    return FaultCase(name, **told)


def _told(played: Played) -> str:
    run = played.run
    if run is None:
        return played.request.state_reason
    steps = [
        f"{step.key}: {step.state} {step.message}"
        for step in run.steps.exclude(state__in=["succeeded", "skipped"])
    ]
    return "\n".join([f"{run.state}: {run.outcome} {run.reason}", *played.said, *steps])
