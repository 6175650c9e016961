"""Twelve plans, eleven of them alike: one reading, a decision bound to each one's own digest."""

import pytest

from liveupdate.actions.approvals_together import Picked, approve_alike
from liveupdate.actions.requests import edit_request
from liveupdate.models import Approval, Request
from liveupdate.policies import approvals_hold
from liveupdate.states import RequestState
from portal.access.models import Membership
from portal.access.roles import Role
from portal.audit.models import Intake
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.alike import submitted_for
from tests.integration.test_requests_and_decisions import Cast, wish

pytestmark = pytest.mark.django_db
NAMES = [f"app{number:02}" for number in range(12)]


@pytest.fixture
def cast() -> Cast:
    return Cast()


def picked(request: Request) -> Picked:
    assert request.plan is not None
    return Picked(request.pk, request.plan.digest, request.version)


def test_a_group_is_approved_and_the_odd_one_is_untouched(cast: Cast) -> None:
    requests = submitted_for(cast.ana, cast.lpar, NAMES, unlike="app07")
    groups: dict[str, list[Request]] = {}
    for request in requests:
        assert request.plan is not None
        groups.setdefault(request.plan.likeness, []).append(request)
    group, odd = sorted(groups.values(), key=len, reverse=True)
    assert (len(group), [each.lpar.name for each in odd]) == (11, ["app07"])

    outcomes = approve_alike(cast.ivy, picked(group[0]), map(picked, group), "Read the first of them.")

    assert [outcome.refused for outcome in outcomes] == [""] * 11
    rows = Approval.objects.all()
    assert len(rows) == 11
    assert {row.digest for row in rows} == {each.plan.digest for each in group if each.plan}
    assert len({row.digest for row in rows}) == 11
    for request in requests:
        request.refresh_from_db()
    assert {request.state for request in group} == {RequestState.APPROVED}
    assert odd[0].state == RequestState.SUBMITTED
    assert [approval.person for request in group for approval in approvals_hold(request)] == [cast.ivy] * 11
    assert Intake.objects.filter(event="approval.grant").count() == 11


def test_each_refusal_is_listed_and_keeps_no_other_back(cast: Cast) -> None:
    first, odd, edited, own, fine = submitted_for(cast.ana, cast.lpar, NAMES[:5], unlike="app01")
    shown = [picked(each) for each in (first, odd, edited, own, fine)]
    edit_request(cast.ana, edited.pk, edited.version, wish(reason="another"))
    own.editors.add(cast.ivy)
    outcomes = approve_alike(cast.ivy, shown[0], shown, "")
    assert [outcome.refused.split(".")[0] for outcome in outcomes] == [
        "",
        f"The plan of {odd.number} is not like the one that you read",
        f"The plan of {edited.number} is not like the one that you read",
        "You edited this request; somebody else has to decide",
        "",
    ]
    assert set(Approval.objects.values_list("plan__request", flat=True)) == {first.pk, fine.pk}
    assert Intake.objects.filter(event="approval.refused").count() == 3


def test_an_older_version_is_not_decided_with_the_others(cast: Cast) -> None:
    first, second = submitted_for(cast.ana, cast.lpar, NAMES[:2])
    shown = [picked(first), picked(second)]
    Request.objects.filter(pk=second.pk).update(version=second.version + 1)
    outcomes = approve_alike(cast.ivy, shown[0], shown, "")
    assert [bool(outcome.refused) for outcome in outcomes] == [False, True]
    assert "was edited since you were shown it" in outcomes[1].refused


def test_nothing_is_decided_when_the_plan_that_was_read_is_another_one(cast: Cast) -> None:
    first, second = submitted_for(cast.ana, cast.lpar, NAMES[:2])
    read = Picked(first.pk, "sha256:" + "0" * 64, first.version)
    with pytest.raises(Conflict, match="Nothing was decided"):
        approve_alike(cast.ivy, read, [picked(second)], "")
    Membership.objects.filter(user=cast.ivy, role=Role.APPROVER).delete()
    with pytest.raises(Invalid, match="no such request"):
        approve_alike(cast.ivy, picked(first), [picked(second)], "")
    with pytest.raises(NotAllowed):
        approve_alike(cast.ana, picked(first), [picked(second)], "")
    assert not Approval.objects.exists()
