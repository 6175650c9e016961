"""Asking and deciding: exactly the plan that was shown, never by whoever asked."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from inventory.models import Credential, Hmc, Host, Lpar, ManagedSystem
from liveupdate.actions.approvals import approve, ask_for_change, reject, withdraw_approval
from liveupdate.actions.conversation import say
from liveupdate.actions.requests import (
    Wish,
    create_request,
    edit_request,
    plan_again,
    submit_request,
    withdraw_request,
)
from liveupdate.models import Approval, Comment, Plan, Request
from liveupdate.policies import approvals_hold, possible_deciders, why_not_decide
from liveupdate.states import RequestState, Verdict
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from portal.audit.models import Intake
from portal.lib.canonical import canonical_json, digest
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed, PortalError

pytestmark = pytest.mark.django_db


def person(name: str, *memberships: tuple[Team | None, Role], **more: Any) -> User:
    user = User.objects.create_user(name, **more)
    for team, role in memberships:
        Membership.objects.create(user=user, team=team, role=role)
    return user


class Cast:
    """A small company: one LPAR, an owner, approvers, and people who may not decide."""

    def __init__(self) -> None:
        self.payroll = Team.objects.create(name="Payroll", slug="payroll")
        self.webshop = Team.objects.create(name="Webshop", slug="webshop")
        self.ana = person("ana", (self.payroll, Role.REQUESTER), (self.payroll, Role.APPROVER))
        self.bo = person("bo", (self.payroll, Role.REQUESTER), (self.payroll, Role.APPROVER))
        self.ivy = person("ivy", (self.payroll, Role.APPROVER))
        self.wes = person("wes", (self.webshop, Role.APPROVER), (self.webshop, Role.REQUESTER))
        key = Credential.objects.create(name="key", reference="file:/nowhere")
        hmc_host = Host.objects.create(
            name="hmc01", kind="hmc", address="127.0.0.1", account="hscroot", credential=key
        )
        hmc = Hmc.objects.create(host=hmc_host, client_credential=key)
        system = ManagedSystem.objects.create(name="9080", serial="78A1234")
        system.hmcs.add(hmc)
        host = Host.objects.create(
            name="pay01", kind="lpar", address="127.0.0.1", account="root", credential=key
        )
        self.lpar = Lpar.objects.create(
            host=host, uuid="U", managed_system=system, hmc=hmc, team=self.payroll
        )

    def submitted(self) -> Request:
        request = planned(create_request(self.ana, self.lpar.pk, wish()))
        assert request.plan is not None
        return submit_request(self.ana, request.pk, request.plan.digest)


@pytest.fixture
def cast() -> Cast:
    return Cast()


def wish(**changes: Any) -> Wish:
    values: dict[str, Any] = {
        "procedure": "local_live_update",
        "media": "nim01:/export/lpp",
        "target_level": "7200-05-04-2220",
        "consents": (),
        "reason": "security fixes",
        "impact": "",
        "fallback": "",
        "starts_at": now(),
        "ends_at": now() + timedelta(hours=2),
    }
    return Wish(**{**values, **changes})


def planned(request: Request, text: str = "one") -> Request:
    """Give the request a plan, as a worker would."""
    document = canonical_json({"plan": text, "request": request.pk})
    request.plan = Plan.objects.create(
        request=request,
        lpar=request.lpar,
        procedure=request.procedure,
        document=document.decode(),
        digest=digest(document),
        summary="",
        verdict=Verdict.READY,
        facts_read_at=now(),
    )
    request.state = RequestState.PLANNED
    request.save()
    return request


def events() -> list[str]:
    return list(Intake.objects.order_by("id").values_list("event", flat=True))


def test_the_straight_way(cast: Cast) -> None:
    request = cast.submitted()
    assert request.plan is not None
    approve(cast.ivy, request.pk, request.plan.digest)
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED
    assert [approval.person for approval in approvals_hold(request)] == [cast.ivy]
    assert events() == ["request.create", "request.submit", "approval.grant"]


@pytest.mark.threat("T20")
@pytest.mark.asvs("2.3.5")
@pytest.mark.parametrize("decide", [approve, reject])
def test_nobody_decides_on_their_own_request(cast: Cast, decide: Callable[..., Approval]) -> None:
    request = cast.submitted()
    assert request.plan is not None
    cast.ana.is_superuser = cast.ana.is_staff = True
    cast.ana.save()
    Membership.objects.create(user=cast.ana, team=None, role=Role.APPROVER)
    Membership.objects.create(user=cast.ana, team=None, role=Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed, match="You made this request"):
        decide(cast.ana, request.pk, request.plan.digest, "because")
    assert not Approval.objects.exists()
    assert events()[-1] == "approval.refused"


@pytest.mark.threat("T20")
def test_the_last_editor_does_not_decide_either(cast: Cast) -> None:
    request = planned(create_request(cast.ana, cast.lpar.pk, wish()))
    edit_request(cast.bo, request.pk, request.version, wish(reason="better reason"))
    request.refresh_from_db()
    request = planned(request, "two")
    assert request.plan is not None
    submit_request(cast.ana, request.pk, request.plan.digest)
    with pytest.raises(NotAllowed, match="edited"):
        approve(cast.bo, request.pk, request.plan.digest)


def test_strangers_see_nothing_and_decide_nothing(cast: Cast) -> None:
    request = cast.submitted()
    assert request.plan is not None
    with pytest.raises(Invalid, match="no such request"):
        approve(cast.wes, request.pk, request.plan.digest)
    with pytest.raises(Invalid, match="no such LPAR"):
        create_request(cast.wes, cast.lpar.pk, wish())
    root = User.objects.create_superuser("root", password="not-needed-here")
    with pytest.raises(PortalError):
        approve(root, request.pk, request.plan.digest)


@pytest.mark.threat("T21")
def test_a_decision_needs_the_digest_that_was_shown(cast: Cast) -> None:
    request = cast.submitted()
    with pytest.raises(Conflict, match="not the one you were shown"):
        approve(cast.ivy, request.pk, "sha256:" + "0" * 64)
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED


@pytest.mark.threat("T21")
@pytest.mark.asvs("2.3.1")
def test_an_edit_voids_the_plan_and_its_approvals(cast: Cast) -> None:
    request = cast.submitted()
    old = request.plan
    assert old is not None
    approve(cast.ivy, request.pk, old.digest)
    edit_request(cast.ana, request.pk, request.version, wish(reason="another"))
    request.refresh_from_db()
    assert (request.state, request.plan) == (RequestState.PLANNING, None)
    with pytest.raises(Conflict, match="no plan"):
        approvals_hold(request)
    request = planned(request, "two")
    with pytest.raises(Conflict, match="Nobody's approval"):
        approvals_hold(request)
    with pytest.raises(Conflict):
        approve(cast.ivy, request.pk, old.digest)
    assert "plan.void" in events()


def test_an_edit_of_an_older_reading_is_refused(cast: Cast) -> None:
    request = planned(create_request(cast.ana, cast.lpar.pk, wish()))
    edit_request(cast.bo, request.pk, 1, wish(reason="first"))
    with pytest.raises(Conflict, match="edited by bo"):
        edit_request(cast.ana, request.pk, 1, wish(reason="second"))


def test_planning_again_voids_decisions(cast: Cast) -> None:
    request = cast.submitted()
    assert request.plan is not None
    approve(cast.ivy, request.pk, request.plan.digest)
    plan_again(cast.ana, request.pk)
    request.refresh_from_db()
    assert (request.state, request.plan) == (RequestState.PLANNING, None)


def test_an_approval_can_be_taken_back(cast: Cast) -> None:
    request = cast.submitted()
    assert request.plan is not None
    approve(cast.ivy, request.pk, request.plan.digest)
    withdraw_approval(cast.ivy, request.pk, "wrong night")
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED
    with pytest.raises(Conflict):
        approvals_hold(request)
    with pytest.raises(Conflict):
        withdraw_approval(cast.ivy, request.pk, "again")


@pytest.mark.threat("T21")
@pytest.mark.asvs("8.3.2")
def test_an_approver_who_lost_the_role_carries_nothing(cast: Cast) -> None:
    request = cast.submitted()
    assert request.plan is not None
    approve(cast.ivy, request.pk, request.plan.digest)
    Membership.objects.filter(user=cast.ivy).delete()
    request.refresh_from_db()
    with pytest.raises(Conflict):
        approvals_hold(request)


@pytest.mark.threat("T21")
def test_an_altered_plan_carries_nothing(cast: Cast) -> None:
    request = cast.submitted()
    assert request.plan is not None
    approve(cast.ivy, request.pk, request.plan.digest)
    Plan.objects.filter(pk=request.plan.pk).update(document='{"plan":"evil"}')
    request.refresh_from_db()
    with pytest.raises(Conflict, match="not the text that was approved"):
        approvals_hold(request)


def test_rejecting_needs_a_reason_and_ends_the_matter(cast: Cast) -> None:
    request = cast.submitted()
    assert request.plan is not None
    with pytest.raises(Invalid):
        reject(cast.ivy, request.pk, request.plan.digest, " ")
    reject(cast.ivy, request.pk, request.plan.digest, "not this week")
    request.refresh_from_db()
    assert (request.state, request.state_reason) == (RequestState.REJECTED, "not this week")
    with pytest.raises(Conflict):
        approve(cast.ivy, request.pk, request.plan.digest)


def test_asking_for_a_change_makes_it_a_draft_again(cast: Cast) -> None:
    request = cast.submitted()
    assert request.plan is not None
    old = request.plan.digest
    with pytest.raises(Invalid, match="needs a reason"):
        ask_for_change(cast.ivy, request.pk, old, " ")
    with pytest.raises(NotAllowed):
        ask_for_change(cast.ana, request.pk, old, "mine")
    decision = ask_for_change(cast.ivy, request.pk, old, "after the payroll run", version=request.version)
    request.refresh_from_db()
    assert (request.state, request.plan, request.state_reason) == (
        RequestState.DRAFT, None, "after the payroll run",
    )  # fmt: skip
    assert (decision.decision, decision.digest) == ("change", old)
    assert events()[-3:] == ["approval.refused", "approval.change", "plan.void"]
    with pytest.raises(Conflict):
        approve(cast.ivy, request.pk, old)
    edit_request(cast.ana, request.pk, request.version, wish(reason="later"))
    request.refresh_from_db()
    request = planned(request, "two")
    assert request.plan is not None
    submit_request(cast.ana, request.pk, request.plan.digest)
    approve(cast.ivy, request.pk, request.plan.digest)
    request.refresh_from_db()
    assert [row.person for row in approvals_hold(request)] == [cast.ivy]


def test_those_who_ask_and_decide_speak_about_a_request(cast: Cast) -> None:
    request = cast.submitted()
    say(cast.ivy, request.pk, "Why this night?")
    say(cast.ana, request.pk, "The auditors are here on Monday.")
    assert [str(each.person) for each in request.comments.all()] == ["ivy", "ana"]
    assert events()[-2:] == ["request.comment", "request.comment"]
    for text in ("  ", "x" * 2001):
        with pytest.raises(Invalid):
            say(cast.ivy, request.pk, text)
    with pytest.raises(Invalid, match="no such request"):
        say(cast.wes, request.pk, "hello")
    operator = person("olaf", (cast.payroll, Role.OPERATOR))
    with pytest.raises(NotAllowed, match="speak about"):
        say(operator, request.pk, "hello")
    assert Comment.objects.count() == 2


def test_withdrawing_ends_it_for_good(cast: Cast) -> None:
    request = cast.submitted()
    assert request.plan is not None
    withdraw_request(cast.ana, request.pk, "no longer needed")
    with pytest.raises(Conflict):
        approve(cast.ivy, request.pk, request.plan.digest)
    with pytest.raises(Conflict):
        withdraw_request(cast.ana, request.pk, "again")


def test_submitting_says_when_nobody_could_approve(cast: Cast) -> None:
    Membership.objects.filter(role=Role.APPROVER).exclude(user=cast.ana).delete()
    request = planned(create_request(cast.ana, cast.lpar.pk, wish()))
    assert request.plan is not None
    assert possible_deciders(request) == []
    with pytest.raises(Conflict, match="Nobody could approve"):
        submit_request(cast.ana, request.pk, request.plan.digest)


@pytest.mark.asvs("2.2.1", "2.2.3")
@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "  "},
        {"ends_at": now() - timedelta(days=1), "starts_at": now() - timedelta(days=2)},
        {"ends_at": now() - timedelta(hours=1)},
    ],
)
def test_wishes_that_make_no_sense_are_refused(cast: Cast, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        create_request(cast.ana, cast.lpar.pk, wish(**changes))


def test_approvers_only_see_that_they_may(cast: Cast) -> None:
    request = cast.submitted()
    assert why_not_decide(cast.ivy, request) == ""
    cast.ivy.is_active = False
    cast.ivy.save()
    assert "not active" in why_not_decide(cast.ivy, request)


@pytest.mark.threat("T21")
@pytest.mark.asvs("2.3.3", "15.4.2")
@pytest.mark.deep
@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pair", [(approve, reject), (approve, ask_for_change), (approve, approve)])
def test_of_two_decisions_at_once_one_counts(pair: tuple[Callable[..., Approval], ...]) -> None:
    cast = Cast()
    people = [cast.ivy, person("joe", (cast.payroll, Role.APPROVER))]
    for _ in range(70 if connection.vendor == "postgresql" else 5):
        before = Approval.objects.count()
        request = cast.submitted()
        assert request.plan is not None
        assert sorted(_at_once(people, pair, request.pk, request.plan.digest)) == ["conflict", "done"]
        assert Approval.objects.count() == before + 1


def _at_once(
    people: list[User], verbs: tuple[Callable[..., Approval], ...], request_id: int, plan_digest: str
) -> list[str]:
    """What came of both decisions."""
    gate = threading.Barrier(len(people))
    outcomes: list[str] = []

    def decide(who: User, verb: Callable[..., Approval]) -> None:
        gate.wait()
        try:
            verb(who, request_id, plan_digest, "as discussed")
            outcomes.append("done")
        except Conflict:
            outcomes.append("conflict")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=each) for each in zip(people, verbs, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
