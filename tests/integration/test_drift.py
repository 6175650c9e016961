"""What differs at the start from what was approved: each field, each rule, and what comes of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from inventory.actions.facts import stored_facts
from inventory.facts.aix.lslpp import LSLPP
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import Fact, FactSet
from inventory.facts.hmc.memory_system import MEMORY_SYSTEM
from liveupdate.actions.approvals import approve
from liveupdate.actions.looks import lpar_with_hosts
from liveupdate.actions.runs import start_run
from liveupdate.actions.starting import start_by
from liveupdate.control.drift import Rule
from liveupdate.evidence.drifts import Drifts
from liveupdate.evidence.plans import Plans
from liveupdate.models import FoundDrift, Plan, Request, Run
from liveupdate.states import RequestState
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.lib.errors import Conflict
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db
WORKER = Actor.worker("w1")

CHANGES: dict[str, tuple[Fact[object], Callable[[str], str]]] = {
    "filesets": (LSLPP, lambda text: text.rstrip("\n").rpartition("\n")[0] + "\n"),
    "free_disks": (LSPV, lambda text: text + "hdisk9          00fa343b99999999                    None\n"),
    "lpar_id": (UNAME_L, lambda text: f"77{text.lstrip('0123456789')}"),
    "capacity": (MEMORY_SYSTEM, lambda text: text.replace("curr_avail_sys_mem=", "curr_avail_sys_mem=9")),
}
"""One change of the answers for each field whose change leaves the plan's commands as they are."""


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def changed(request: Request, *fields: str) -> FactSet:
    """The facts as a look would find them after the change."""
    facts = stored_facts(request.lpar)
    for name in fields:
        fact, change = CHANGES[name]
        for (known, _), reading in list(facts.readings.items()):
            if known == fact.name:
                stdout = change(reading.output.stdout)
                assert stdout != reading.output.stdout
                facts.add(replace(reading, output=replace(reading.output, stdout=stdout)))
    return facts


def start(request: Request, *fields: str) -> Request:
    request = Request.objects.select_related("team", "plan").get(pk=request.pk)
    request.lpar = lpar_with_hosts(request.lpar_id)
    start_by(changed(request, *fields), request, WORKER)
    return Request.objects.select_related("plan").get(pk=request.pk)


def compared(kind: type[Drifts | Plans]) -> list[str]:
    """What a verification of the ledger would say of the rows of a kind."""
    comparison = kind()
    for entry in Intake.objects.filter(event__in=kind.events).order_by("id"):
        comparison.see(entry.pk, json.loads(bytes(entry.content)))
    return [problem.message for problem in comparison.problems()]


def test_an_lpar_as_it_was_starts_without_a_word(fleet: Fleet) -> None:
    assert start(fleet.approved()).state == RequestState.STARTED
    assert FoundDrift.objects.count() == 0


@pytest.mark.parametrize("field", CHANGES)
@pytest.mark.deep
def test_each_field_does_what_its_rule_says(fleet: Fleet, settings: Any, field: str) -> None:
    settings.PORTAL_DRIFT_RULES = [f"{field}=void"]
    voided = start(fleet.approved(), field)
    assert (voided.state, voided.plan) == (RequestState.PLANNING, None)
    assert not voided.disk_reservations.filter(released_at=None).exists()

    settings.PORTAL_DRIFT_RULES = [f"{field}=reapprove"]
    approved = fleet.approved()
    asked_again = start(approved, field)
    assert (asked_again.state, asked_again.plan) == (RequestState.SUBMITTED, approved.plan)
    assert asked_again.disk_reservations.filter(released_at=None).count() == 2
    assert not Run.objects.exists()

    settings.PORTAL_DRIFT_RULES = [f"{field}=warn"]
    approved = fleet.approved()
    started = start(approved, field)
    assert (started.state, started.plan) == (RequestState.STARTED, approved.plan)

    drifts = FoundDrift.objects.order_by("id")
    assert [drift.outcome for drift in drifts] == ["void", "reapprove", "warn"]
    assert all(field in {said["field"] for said in drift.found} for drift in drifts)


def test_one_more_decision_lets_the_same_plan_start(fleet: Fleet, settings: Any) -> None:
    request = start(fleet.approved(), "filesets")
    assert request.state == RequestState.SUBMITTED and request.plan is not None
    approve(fleet.ivy, request.pk, request.plan.digest, version=request.version)
    started = start(request, "filesets")
    assert (started.state, started.plan) == (RequestState.STARTED, request.plan)
    assert FoundDrift.objects.count() == 1


def test_a_state_that_somebody_wrote_takes_no_decision(fleet: Fleet) -> None:
    request = start(fleet.approved(), "filesets")
    Request.objects.filter(pk=request.pk).update(state=RequestState.APPROVED)
    with pytest.raises(Conflict) as refused:
        start_run(request.pk)
    assert refused.value.code == "drift_to_decide"


def test_a_further_drift_after_the_decision_wants_another(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_DRIFT_RULES = ["lpar_id=reapprove"]
    request = start(fleet.approved(), "filesets")
    assert request.plan is not None
    approve(fleet.ivy, request.pk, request.plan.digest, version=request.version)
    again = start(request, "filesets", "lpar_id")
    assert again.state == RequestState.SUBMITTED
    newest = FoundDrift.objects.last()
    assert newest is not None and [said["field"] for said in newest.found] == ["lpar_id"]


def test_an_altered_basis_voids_the_plan_and_is_seen(fleet: Fleet) -> None:
    approved = fleet.approved()
    assert approved.plan is not None
    facts = changed(approved, "filesets")
    basis = approved.plan.basis | {"filesets": "whatever"}
    Plan.objects.filter(pk=approved.plan.pk).update(basis=basis)
    assert compared(Plans) == [f"Plan {approved.plan.pk} is not what was entered."]
    request = Request.objects.select_related("team", "plan").get(pk=approved.pk)
    request.lpar = lpar_with_hosts(request.lpar_id)
    start_by(facts, request, WORKER)
    approved.refresh_from_db()
    assert approved.state == RequestState.PLANNING
    assert "not what the ledger says" in approved.state_reason


def test_an_altered_drift_is_seen(fleet: Fleet) -> None:
    start(fleet.approved(), "filesets")
    assert compared(Drifts) == []
    row = FoundDrift.objects.get()
    FoundDrift.objects.update(outcome=Rule.WARN)
    assert compared(Drifts) == [f"Drift {row.pk} is not what was entered."]


def test_the_page_says_approved_against_what_and_now_what(fleet: Fleet, client: Client) -> None:
    request = start(fleet.approved(), "lpar_id", "filesets")
    client.force_login(fleet.ivy)
    page = client.get(request.get_absolute_url()).content.decode()
    assert 'data-outcome="reapprove"' in page and "Approved against" in page
    assert "Installed filesets" in page and "Partition id" in page
    assert 'id="approve"' in page
