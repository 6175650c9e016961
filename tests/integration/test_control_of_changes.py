"""Policies, delegations, standard changes and emergencies, from the action to the start of a run."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from liveupdate.actions.approvals import approve, reject, withdraw_approval
from liveupdate.actions.delegations import Mandate, delegate, end_delegation
from liveupdate.actions.emergencies import Urgency, close_emergency, open_debts
from liveupdate.actions.policy_versions import write_policy
from liveupdate.actions.quorum import recount
from liveupdate.actions.requests import edit_request, submit_request
from liveupdate.actions.runs import start_run
from liveupdate.actions.standard_changes import (
    approve_standard_change,
    end_standard_change,
    write_standard_change,
)
from liveupdate.engine.approval import unconfirmed
from liveupdate.evidence.control import Delegations, PolicyVersions, StandardChanges
from liveupdate.models import Emergency, PolicyVersion, Request, Run
from liveupdate.policies import approvals_hold, possible_deciders
from liveupdate.states import RequestState
from portal.access.actions import grant
from portal.access.factors import Factor
from portal.access.models import Membership, User
from portal.access.roles import Role
from portal.access.step_up import StepUpNeeded
from portal.audit.models import Intake
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.control import policy
from tests.fleet import Fleet, make_fleet, plan_from_stored_facts
from tests.integration.test_requests_and_decisions import wish

pytestmark = pytest.mark.django_db
URGENT = Urgency("INC-9", "The payroll run stands", Factor.SECOND_FACTOR)
TWO = "1 approver of the team\n1 operator of all teams"


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def say(person: User, request: Request, factor: Factor = Factor.NONE) -> None:
    request.refresh_from_db()
    assert request.plan is not None
    approve(person, request.pk, request.plan.digest, factor=factor)
    request.refresh_from_db()


def urgent(fleet: Fleet) -> Request:
    request = fleet.planned("pay01", "bo")
    assert request.plan is not None
    return submit_request(fleet.bo, request.pk, request.plan.digest, URGENT)


@pytest.mark.threat("T20")
@pytest.mark.asvs("2.3.1", "2.3.5")
def test_two_stages_are_decided_in_their_order(fleet: Fleet) -> None:
    write_policy(fleet.adm, policy(TWO), "two pairs of eyes", now())
    request = fleet.submitted()
    assert set(possible_deciders(request)) == {fleet.bo, fleet.ivy}
    with pytest.raises(NotAllowed, match="role approver"):
        say(fleet.kim, request)
    say(fleet.ivy, request)
    assert request.state == RequestState.SUBMITTED
    with pytest.raises(Conflict):
        start_run(request.pk)
    say(fleet.kim, request)
    assert request.state == RequestState.APPROVED
    assert start_run(request.pk).plan == request.plan


def test_a_request_stays_on_the_version_that_held_when_it_was_handed_in(fleet: Fleet) -> None:
    request = fleet.submitted()
    write_policy(fleet.adm, policy(TWO), "stricter", now())
    say(fleet.ivy, request)
    assert request.state == RequestState.APPROVED


def test_a_version_that_somebody_altered_carries_nothing(fleet: Fleet) -> None:
    write_policy(fleet.adm, policy(TWO), "two pairs of eyes", now())
    request = fleet.submitted()
    say(fleet.ivy, request)
    PolicyVersion.objects.update(
        document=PolicyVersion.objects.get().document.replace("operator", "approver")
    )
    with pytest.raises(Conflict, match="not there as the ledger knows it"):
        approvals_hold(request)


def test_nobody_hands_in_what_nobody_can_decide(fleet: Fleet) -> None:
    write_policy(fleet.adm, policy("3 approver of the team"), "many eyes", now())
    with pytest.raises(Conflict, match=r"needs 3 approver of the team.*Ada Maier is no approver") as refused:
        fleet.submitted()
    assert refused.value.code == "nobody_decides"


@pytest.mark.threat("T20")
@pytest.mark.asvs("2.3.5")
def test_a_role_from_the_requester_gives_no_say(fleet: Fleet) -> None:
    request = fleet.submitted()
    Membership.objects.create(user=fleet.ana, role=Role.ADMINISTRATOR, team=None)
    grant(fleet.sam, Role.APPROVER, fleet.teams["Payroll"], by=fleet.ana)
    with pytest.raises(NotAllowed, match="gave you the role afterwards"):
        say(fleet.sam, request)


@pytest.mark.threat("T21")
def test_quorum_lost_before_the_start_waits_for_a_decision_again(fleet: Fleet) -> None:
    request = fleet.approved()
    User.objects.filter(pk=fleet.ivy.pk).update(is_active=False)
    with pytest.raises(Conflict) as refused:
        start_run(request.pk)
    assert refused.value.code == "quorum"
    assert recount() == [request]
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED
    assert "Ivy Novak is not active" in request.state_reason
    say(fleet.bo, request)
    assert request.state == RequestState.APPROVED


def test_a_delegate_decides_until_it_ends(fleet: Fleet) -> None:
    mandate = Mandate(now(), now() + timedelta(days=9), "high", "on leave")
    given = delegate(fleet.ivy, fleet.sam, mandate)
    Membership.objects.create(user=fleet.sam, role=Role.REQUESTER, team=fleet.teams["Payroll"])
    request = fleet.submitted()
    say(fleet.sam, request)
    assert approvals_hold(request)[0].on_behalf_of == fleet.ivy
    end_delegation(fleet.ivy, given.pk)
    with pytest.raises(Conflict, match="delegation that is over"):
        approvals_hold(request)


@pytest.mark.parametrize("name", ["kim", "sam"])
def test_who_delegates_what(fleet: Fleet, name: str) -> None:
    mandate = Mandate(now(), now() - timedelta(days=1), "high", "on leave")
    with pytest.raises((NotAllowed, Invalid)):
        delegate(fleet.people[name], fleet.ivy, mandate)


def test_a_standard_change_needs_no_decision_until_it_is_ended(fleet: Fleet) -> None:
    first = fleet.planned()
    template = write_standard_change(fleet.ana, first.pk, "The usual service pack")
    with pytest.raises(NotAllowed):
        approve_standard_change(fleet.ana, template.pk, template.digest)
    approve_standard_change(fleet.ivy, template.pk, template.digest)
    request = fleet.submitted()
    assert (request.state, request.change) == (RequestState.APPROVED, "standard")
    assert approvals_hold(request) == []
    end_standard_change(fleet.ivy, template.pk)
    with pytest.raises(Conflict, match="does not count any more"):
        start_run(request.pk)


def test_a_request_that_differs_is_no_standard_change(fleet: Fleet) -> None:
    first = fleet.planned()
    template = write_standard_change(fleet.ana, first.pk, "The usual service pack")
    approve_standard_change(fleet.ivy, template.pk, template.digest)
    other = fleet.submitted("pay02", consents=("remove_ifixes", "trusted_execution_off", "wlm_off"))
    assert (other.state, other.change) == (RequestState.SUBMITTED, "normal")


@pytest.mark.threat("T30")
def test_an_emergency_starts_and_waits_for_its_confirmation(fleet: Fleet) -> None:
    request = urgent(fleet)
    assert (request.state, request.change) == (RequestState.APPROVED, "emergency")
    run = start_run(request.pk)
    Run.objects.filter(pk=run.pk).update(started_at=now())
    missing, over = unconfirmed(run)
    assert "nobody confirmed" in missing
    assert not over
    Run.objects.filter(pk=run.pk).update(started_at=now() - timedelta(minutes=16))
    assert unconfirmed(run)[1]
    with pytest.raises(StepUpNeeded):
        say(fleet.ivy, request, Factor.PASSWORD)
    say(fleet.ivy, request, Factor.SECOND_FACTOR)
    assert unconfirmed(run) == ("", False)


@pytest.mark.threat("T30")
def test_a_rejected_emergency_stops(fleet: Fleet) -> None:
    request = urgent(fleet)
    run = start_run(request.pk)
    assert request.plan is not None
    reject(fleet.ivy, request.pk, request.plan.digest, "It can wait")
    with pytest.raises(Conflict, match="Ivy Novak rejected this plan"):
        approvals_hold(Request.objects.get(pk=run.request_id))


def first_page(person: User) -> str:
    client = Client()
    client.force_login(person)
    return client.get("/").content.decode()


def test_an_approval_that_is_not_the_last_says_so(fleet: Fleet) -> None:
    write_policy(fleet.adm, policy(TWO), "two have to agree", now())
    request = fleet.submitted()
    assert request.plan is not None
    client = Client()
    client.force_login(fleet.ivy)
    said = {"plan_digest": request.plan.digest, "version": request.version, "comment": ""}
    page = client.post(f"/requests/{request.pk}/approve/", said, follow=True).content.decode()
    assert "your approval counts. It starts when the others are there too." in page


@pytest.mark.threat("T30")
def test_an_emergency_is_a_debt(fleet: Fleet) -> None:
    urgent(fleet)
    debt = Emergency.objects.get()
    with pytest.raises(Conflict, match="Nobody has looked back"):
        urgent(fleet)
    with pytest.raises(NotAllowed, match="You opened"):
        close_emergency(fleet.bo, debt.pk, "it was one")
    assert "Emergencies to look back at" in first_page(fleet.ivy)
    assert open_debts(fleet.ivy) == {"open": 1, "overdue": 0}
    Emergency.objects.update(due_on=now().date() - timedelta(days=2))
    assert open_debts(fleet.ivy) == {"open": 1, "overdue": 1}
    assert open_debts(fleet.wes) == {"open": 0, "overdue": 0}, "another team's"
    close_emergency(fleet.ivy, debt.pk, "it was one")
    assert "Emergencies to look back at" not in first_page(fleet.ivy)
    kinds = set(Intake.objects.filter(event__startswith="breakglass").values_list("event", flat=True))
    assert kinds == {"breakglass.open", "breakglass.review"}


@pytest.mark.threat("T30")
def test_only_the_role_opens_an_emergency(fleet: Fleet) -> None:
    request = fleet.planned("pay01", "ana")
    assert request.plan is not None
    with pytest.raises(NotAllowed, match="Emergency requester"):
        submit_request(fleet.ana, request.pk, request.plan.digest, URGENT)


@pytest.mark.threat("T20")
def test_an_earlier_editor_does_not_decide(fleet: Fleet) -> None:
    request = fleet.planned("pay01", "ana")
    for person in (fleet.bo, fleet.ana):
        request.refresh_from_db()
        wanted: Any = wish(media=request.media, target_level=request.target_level, reason=f"by {person}")
        request = plan_from_stored_facts(edit_request(person, request.pk, request.version, wanted))
    assert request.plan is not None
    request = submit_request(fleet.ana, request.pk, request.plan.digest)
    with pytest.raises(NotAllowed, match="You edited"):
        say(fleet.bo, request)


def test_taking_back_one_of_two_waits_again(fleet: Fleet) -> None:
    write_policy(fleet.adm, policy("2 approver of the team"), "two", now())
    request = fleet.submitted()
    say(fleet.ivy, request)
    say(fleet.bo, request)
    withdraw_approval(fleet.ivy, request.pk, "second thoughts")
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED


def test_a_verification_sees_what_somebody_altered(fleet: Fleet) -> None:
    version = write_policy(fleet.adm, policy(TWO), "two", now())
    given = delegate(fleet.ivy, fleet.sam, Mandate(now(), now() + timedelta(days=9), "low", "on leave"))
    template = write_standard_change(fleet.ana, fleet.planned().pk, "The usual service pack")
    assert found() == []
    type(version).objects.filter(pk=version.pk).update(document="{}")
    type(given).objects.filter(pk=given.pk).update(risk="high")
    type(template).objects.filter(pk=template.pk).update(document="{}")
    assert sorted(text.split(" is not")[0] for text in found()) == [
        f"Delegation {given.pk}",
        f"Policy version {version.pk}",
        f"Standard change {template.pk}",
    ]


def found() -> list[str]:
    told = []
    for kind in (PolicyVersions, Delegations, StandardChanges):
        comparison = kind()
        for entry in Intake.objects.filter(event__in=[event.value for event in kind.events]).order_by("pk"):
            comparison.see(None, json.loads(bytes(entry.content)))
        told += [str(problem.message) for problem in comparison.problems()]
    return told
