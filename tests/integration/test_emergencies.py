"""Emergencies: proof at opening, who is told, and the debt that they leave."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from liveupdate.actions.approvals import approve
from liveupdate.actions.emergencies import Urgency, close_emergency
from liveupdate.actions.requests import submit_request
from liveupdate.models import Emergency, Notice, Request
from liveupdate.records.emergencies import Debt, emergency_figures
from liveupdate.states import RequestState
from portal.access.factors import Factor
from portal.access.models import Membership
from portal.access.roles import Role
from portal.access.step_up import StepUpNeeded
from portal.audit.models import Intake
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet
from tests.second_factor import PASSWORD, app_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def urgency(factor: Factor = Factor.SECOND_FACTOR) -> Urgency:
    return Urgency("INC-9", "The payroll run stands", factor)


def opened(fleet: Fleet, lpar: str = "pay01", person: str = "bo") -> Emergency:
    request = fleet.planned(lpar, person)
    assert request.plan is not None
    submit_request(fleet.people[person], request.pk, request.plan.digest, urgency())
    return Emergency.objects.get(request=request)


def handed_in(client: Client, request: Request) -> Any:
    assert request.plan is not None
    said = {"plan_digest": request.plan.digest, "incident": "INC-9", "reason": "The payroll run stands"}
    page = f"http://testserver{request.get_absolute_url()}"
    return client.post(reverse("submit-urgent", args=[request.pk]), said, headers={"Referer": page})


@pytest.mark.parametrize("factor", [Factor.NONE, Factor.PASSWORD])
def test_nobody_opens_one_without_a_second_factor(fleet: Fleet, factor: Factor) -> None:
    request = fleet.planned("pay01", "bo")
    assert request.plan is not None
    with pytest.raises(StepUpNeeded):
        submit_request(fleet.bo, request.pk, request.plan.digest, urgency(factor))
    request.refresh_from_db()
    assert request.state == RequestState.PLANNED
    assert not Emergency.objects.exists()


def test_the_page_asks_for_it_and_the_ledger_says_what_was_given(fleet: Fleet) -> None:
    fleet.bo.set_password(PASSWORD)
    fleet.bo.save()
    app, request, client = app_of(fleet.bo), fleet.planned("pay01", "bo"), Client()
    client.force_login(fleet.bo)
    asking = handed_in(client, request)["Location"]
    assert asking.startswith("/confirm/?wanted=second_factor")
    assert not Emergency.objects.exists()
    assert client.post(asking, {"code": app.code()})["Location"] == request.get_absolute_url()
    assert handed_in(client, request)["Location"] == request.get_absolute_url()
    entry = json.loads(bytes(Intake.objects.get(event="breakglass.open").content))
    assert entry["d"]["factor"] == "second_factor"


def test_every_approver_is_told_at_once(fleet: Fleet) -> None:
    Membership.objects.create(user=fleet.kim, role=Role.APPROVER, team=None)
    Membership.objects.create(user=fleet.ana, role=Role.APPROVER, team=fleet.teams["Payroll"])
    emergency = opened(fleet)
    told = Notice.objects.filter(request=emergency.request, occasion="emergency")
    assert {notice.person for notice in told} == {fleet.ivy, fleet.kim, fleet.ana}, "not who opened it"
    assert all("INC-9: The payroll run stands" in notice.text for notice in told)


def test_figures_of_a_period(fleet: Fleet) -> None:
    emergency = opened(fleet)
    assert emergency.request.plan is not None
    factor = Factor.SECOND_FACTOR
    said = approve(fleet.ivy, emergency.request_id, emergency.request.plan.digest, factor=factor)
    moment, everything = now(), Emergency.objects.all()
    figures = emergency_figures(everything, moment - DAY, moment)
    assert [each.emergency for each in figures.opened] == [emergency]
    assert figures.opened[0].confirmation == said
    assert (figures.by_debt[Debt.OPEN], figures.overdue) == (1, [])
    later = emergency_figures(everything, moment + DAY, moment + 20 * DAY)
    assert (later.opened, [each.emergency for each in later.overdue]) == ([], [emergency])
    close_emergency(fleet.ivy, emergency.pk, "It was one; order the spare earlier.")
    after = emergency_figures(everything, moment - DAY, now() + DAY)
    assert (after.by_debt[Debt.IN_TIME], after.owed) == (1, [])
    assert emergency_figures(everything, moment - DAY, moment).by_debt[Debt.OPEN] == 1, "open by then"
    Emergency.objects.update(due_on=(moment - DAY).date())
    assert emergency_figures(everything, moment - DAY, now() + DAY).by_debt[Debt.LATE] == 1
