"""What a delegate sees: what the giver may decide on, while the delegation is in force, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from inventory.policies import visible_lpars
from liveupdate.actions.approvals import approve, reject
from liveupdate.actions.delegations import end_delegation
from liveupdate.actions.emergencies import Urgency
from liveupdate.actions.policy_versions import write_policy
from liveupdate.actions.requests import submit_request
from liveupdate.models import Approval, Delegation, Request
from liveupdate.policies import visible_campaigns, visible_requests
from liveupdate.queries import visible_runs, waiting_for
from portal.access.actions import grant, revoke
from portal.access.factors import Factor
from portal.access.models import Membership, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.lib.clock import now
from tests.api import browser
from tests.control import policy
from tests.fleet import CONSENTS, Fleet, make_fleet

pytestmark = [pytest.mark.django_db, pytest.mark.threat("T15", "T20"), pytest.mark.deep]
DAY = timedelta(days=1)
COMMAND = Actor.command("tests")


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def delegated(giver: User, taker: User, **changes: Any) -> Delegation:
    values = {"starts_at": now() - DAY, "ends_at": now() + DAY, "risk": "high", "reason": "away", **changes}
    return Delegation.objects.create(giver=giver, taker=taker, **values)


def seen(person: User) -> set[Request]:
    """What a person sees; never more than the giver, and nothing of the team besides."""
    assert not visible_lpars(person).exists()
    assert not visible_runs(person).exists()
    assert not visible_campaigns(person).exists()
    return set(visible_requests(person))


def decide(client: Client, request: Request, verb: str, **more: str) -> Any:
    assert request.plan
    said = {"plan_digest": request.plan.digest, "version": request.version, "reason": "r", "comment": ""}
    return client.post(reverse(verb, args=[request.pk]), said | more)


def test_somebody_without_any_role_reads_decides_and_goes_on(fleet: Fleet) -> None:
    request = fleet.submitted()
    client = browser(fleet.sam)
    address = request.get_absolute_url()
    assert client.get(address).status_code == 404
    delegated(fleet.ivy, fleet.sam)
    assert seen(fleet.sam) == {request}
    assert waiting_for(fleet.sam) == [request]
    page = client.get(address).content.decode()
    assert 'id="approve"' in page
    assert reverse("lpar", args=[request.lpar_id]) not in page, "a link that would lead nowhere"
    pages = ("/approvals/", "/requests/", reverse("plan-text", args=[request.pk]), "/calendar/", "/")
    assert [client.get(each).status_code for each in pages] == [200] * len(pages)
    assert decide(client, request, "approve")["Location"] == address
    said = Approval.objects.get()
    assert (said.person, said.on_behalf_of) == (fleet.sam, fleet.ivy)
    assert client.get("/approvals/?show=decided").status_code == 200


@pytest.mark.parametrize(
    ("verb", "refused"),
    [("comment", 403), ("withdraw", 403), ("plan-again", 403), ("submit-request", 403),
     ("submit-urgent", 403), ("write-standard-change", 403), ("withdraw-approval", 409)],
)  # fmt: skip
def test_a_delegate_only_decides(fleet: Fleet, verb: str, refused: int) -> None:
    request = fleet.submitted()
    delegated(fleet.ivy, fleet.sam)
    more = {"text": "t", "title": "t", "incident": "INC-1"}
    assert decide(browser(fleet.sam), request, verb, **more).status_code == refused
    assert browser(fleet.sam).get(reverse("edit-request", args=[request.pk])).status_code == 403


def test_after_a_rejection_there_is_nothing_to_see_and_no_dead_end(fleet: Fleet) -> None:
    request = fleet.submitted()
    delegated(fleet.ivy, fleet.sam)
    client = browser(fleet.sam)
    assert decide(client, request, "reject")["Location"] == reverse("approvals")
    assert client.get(request.get_absolute_url()).status_code == 404
    assert "rejected" in client.get(reverse("approvals")).content.decode()
    page = client.get("/approvals/?show=decided")
    assert (page.status_code, request.number in page.content.decode()) == (200, False)


def below_its_risk(fleet: Fleet) -> None:
    delegated(fleet.ivy, fleet.sam, risk="low")


def elsewhere(fleet: Fleet) -> None:
    delegated(fleet.ivy, fleet.sam, environments=["test"])


def yesterday(fleet: Fleet) -> None:
    delegated(fleet.ivy, fleet.sam, starts_at=now() - 2 * DAY, ends_at=now() - DAY)


def tomorrow(fleet: Fleet) -> None:
    delegated(fleet.ivy, fleet.sam, starts_at=now() + DAY, ends_at=now() + 2 * DAY)


def ended(fleet: Fleet) -> None:
    end_delegation(fleet.ivy, delegated(fleet.ivy, fleet.sam).pk)


def of_another_team(fleet: Fleet) -> None:
    delegated(fleet.wes, fleet.sam)


def of_the_requester(fleet: Fleet) -> None:
    grant(fleet.ana, Role.APPROVER, fleet.teams["Payroll"], by=COMMAND)
    delegated(fleet.ana, fleet.sam)


def of_who_decides_nothing(fleet: Fleet) -> None:
    delegated(fleet.aud, fleet.sam)


def of_a_role_that_the_policy_does_not_ask(fleet: Fleet) -> None:
    delegated(fleet.kim, fleet.sam)


def of_who_lost_the_role(fleet: Fleet) -> None:
    delegated(fleet.ivy, fleet.sam)
    revoke(fleet.ivy, Role.APPROVER, fleet.teams["Payroll"], by=COMMAND)


def of_who_is_not_active(fleet: Fleet) -> None:
    delegated(fleet.ivy, fleet.sam)
    User.objects.filter(pk=fleet.ivy.pk).update(is_active=False)


def passed_on(fleet: Fleet) -> None:
    delegated(fleet.ivy, fleet.bo)
    delegated(fleet.bo, fleet.sam)
    Membership.objects.filter(user=fleet.bo).delete()


NOT_SEEN = [
    below_its_risk, elsewhere, yesterday, tomorrow, ended, of_another_team, of_the_requester,
    of_who_decides_nothing, of_a_role_that_the_policy_does_not_ask, of_who_lost_the_role,
    of_who_is_not_active, passed_on,
]  # fmt: skip


def test_a_delegation_shows_nothing_that_its_giver_does_not_decide_on(fleet: Fleet) -> None:
    request = fleet.submitted()
    shown = [each.__name__ for each in NOT_SEEN if _seen_by(fleet, each)]
    assert shown == []
    delegated(fleet.ivy, fleet.sam, environments=["test", "production"])
    assert seen(fleet.sam) == {request}, "else the cases above prove nothing"


def _seen_by(fleet: Fleet, delegation: Callable[[Fleet], None]) -> bool:
    with transaction.atomic():
        delegation(fleet)
        found = bool(seen(fleet.sam)) or browser(fleet.sam).get("/requests/1/").status_code != 404
        transaction.set_rollback(True)
    return found


def test_only_where_a_decision_may_be_missing(fleet: Fleet) -> None:
    delegated(fleet.ivy, fleet.sam)
    planned = fleet.planned("pay02", consents=CONSENTS)
    assert planned not in seen(fleet.sam)
    waiting, rejected = fleet.submitted(), fleet.submitted("web01", "wes")
    assert rejected.plan
    assert seen(fleet.sam) == {waiting, rejected}, "of both teams of the giver"
    reject(fleet.ivy, rejected.pk, rejected.plan.digest, "no")
    assert seen(fleet.sam) == {waiting}
    assert waiting.plan
    approve(fleet.ivy, waiting.pk, waiting.plan.digest)
    assert seen(fleet.sam) == {waiting}, "its approval may fall away"
    Request.objects.filter(pk=waiting.pk).update(state="started")
    assert seen(fleet.sam) == set()


def test_an_emergency_is_confirmed_while_it_runs(fleet: Fleet) -> None:
    delegated(fleet.ivy, fleet.sam)
    request = fleet.planned("pay01", "bo")
    assert request.plan
    urgency = Urgency("INC-9", "The payroll run stands", Factor.SECOND_FACTOR)
    submit_request(fleet.bo, request.pk, request.plan.digest, urgency)
    Request.objects.filter(pk=request.pk).update(state="started")
    assert seen(fleet.sam) == {request}


def test_who_decides_for_all_teams_sees_what_they_decide_on(fleet: Fleet) -> None:
    grant(fleet.kim, Role.APPROVER, None, by=COMMAND)
    write_policy(fleet.adm, policy("1 approver of the team\n1 approver of all teams"), "two", now())
    request = fleet.submitted()
    assert seen(fleet.sam) == set()
    grant(fleet.sam, Role.APPROVER, None, by=COMMAND)
    assert seen(fleet.sam) == {request}


def test_a_stage_of_all_teams_is_not_decided_by_an_approver_of_one(fleet: Fleet) -> None:
    grant(fleet.kim, Role.APPROVER, None, by=COMMAND)
    write_policy(fleet.adm, policy("1 approver of all teams"), "one", now())
    request = fleet.submitted()
    delegated(fleet.ivy, fleet.sam)
    assert seen(fleet.sam) == set()
    delegated(fleet.kim, fleet.sam)
    assert seen(fleet.sam) == {request}
