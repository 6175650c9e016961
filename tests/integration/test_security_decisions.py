"""Approving what one may not, by every way that a browser or a script has."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from liveupdate.actions.requests import edit_request, submit_request, withdraw_request
from liveupdate.models import Approval, Request, Run
from liveupdate.states import RequestState
from portal.access.models import Membership, User
from portal.access.roles import Role
from portal.audit.models import Intake
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet, plan_from_stored_facts
from tests.integration.test_requests_and_decisions import wish

pytestmark = [pytest.mark.django_db, pytest.mark.deep]
PASSWORD = "seven green bicycles"


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def signed_in(person: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(person)
    return client


def decide(client: Client, request: Request, verb: str = "approve", **fields: str) -> Any:
    assert request.plan is not None
    data = {"plan_digest": request.plan.digest, "comment": "", "reason": "because", **fields}
    return client.post(reverse(verb, args=[request.pk]), data)


def undecided(request: Request) -> bool:
    request.refresh_from_db()
    return not Approval.objects.exists() and request.state == RequestState.SUBMITTED


def everything(person: User) -> None:
    """Every role that there is, everywhere, and the flags of a superuser."""
    for role in Role:
        Membership.objects.get_or_create(user=person, role=role, team=None)
    person.is_superuser = person.is_staff = True
    person.save()


@pytest.mark.asvs("16.3.2")
@pytest.mark.threat("T20", "T31")
@pytest.mark.asvs("2.3.5")
@pytest.mark.parametrize("verb", ["approve", "reject"])
@pytest.mark.parametrize("person", ["ana", "bo"])
def test_no_role_and_no_flag_lets_a_requester_decide(fleet: Fleet, person: str, verb: str) -> None:
    request = fleet.submitted("pay01", person)
    everything(fleet.people[person])
    client = signed_in(fleet.people[person])
    assert 'id="approve"' not in client.get(request.get_absolute_url()).content.decode()
    assert decide(client, request, verb).status_code == 403
    assert undecided(request)
    assert Intake.objects.order_by("-pk").values_list("event", flat=True)[0] == "approval.refused"


@pytest.mark.threat("T20")
@pytest.mark.asvs("2.3.5")
def test_the_last_editor_does_not_decide(fleet: Fleet) -> None:
    request = fleet.planned("pay01", "ana")
    request = edit_request(fleet.bo, request.pk, request.version, wish(reason="mine"))
    everything(fleet.bo)
    request = plan_from_stored_facts(request)
    assert request.plan
    client = signed_in(fleet.ana)
    client.post(reverse("submit-request", args=[request.pk]), {"plan_digest": request.plan.digest})
    assert decide(signed_in(fleet.bo), request).status_code == 403
    assert undecided(request)


@pytest.mark.threat("T21")
@pytest.mark.parametrize("digest", ["", "sha256:" + "0" * 64, "x" * 5000, "sha256:\x00"])
def test_a_forged_digest_decides_nothing(fleet: Fleet, digest: str) -> None:
    request = fleet.submitted()
    assert decide(signed_in(fleet.ivy), request, plan_digest=digest).status_code in (400, 409)
    assert undecided(request)


@pytest.mark.threat("T21")
@pytest.mark.asvs("15.4.2")
@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_decision_sent_again_after_an_edit_decides_nothing(fleet: Fleet, verb: str) -> None:
    """The plan is the same to the byte, but its window is another one than the approver was shown."""
    request = fleet.submitted()
    assert request.plan
    ivy = signed_in(fleet.ivy)
    shown = hidden(ivy.get(request.get_absolute_url()).content.decode(), verb)
    assert shown == {"plan_digest": request.plan.digest, "version": str(request.version)}
    later = wish(media=request.media, ends_at=now() + timedelta(days=30))
    again = plan_from_stored_facts(edit_request(fleet.ana, request.pk, request.version, later))
    assert again.plan
    assert again.plan.digest == request.plan.digest
    submit_request(fleet.ana, again.pk, again.plan.digest)
    assert decide(ivy, again, verb, **shown).status_code == 409
    assert undecided(again)


def hidden(page: str, form: str) -> dict[str, str]:
    """The values that a form of the page carries, without the token."""
    inside = page.split(f'id="{form}"', 1)[1].split("</form>", 1)[0]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', inside)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def withdrawn(fleet: Fleet, request: Request) -> None:
    withdraw_request(fleet.ana, request.pk, "no")


def over(fleet: Fleet, request: Request) -> None:
    Request.objects.filter(pk=request.pk).update(ends_at=now() - timedelta(seconds=1))


def without_role(fleet: Fleet, request: Request) -> None:
    fleet.ivy.memberships.all().delete()


def in_another_team(fleet: Fleet, request: Request) -> None:
    fleet.ivy.memberships.filter(team=fleet.teams["Payroll"]).delete()


def deactivated(fleet: Fleet, request: Request) -> None:
    User.objects.filter(pk=fleet.ivy.pk).update(is_active=False)


def with_a_new_password(fleet: Fleet, request: Request) -> None:
    fleet.ivy.set_password("another of eleven bicycles")
    fleet.ivy.save()


@pytest.mark.threat("T21", "T18")
@pytest.mark.asvs("15.4.2")
@pytest.mark.parametrize(
    ("happens", "status"),
    [
        (withdrawn, 409), (over, 409), (without_role, 404), (in_another_team, 404),
        (deactivated, 302), (with_a_new_password, 302),
    ],
)  # fmt: skip
def test_what_happens_between_page_and_decision_counts(
    fleet: Fleet, happens: Callable[[Fleet, Request], None], status: int
) -> None:
    request = fleet.submitted()
    ivy = signed_in(fleet.ivy)
    assert 'id="approve"' in ivy.get(request.get_absolute_url()).content.decode()
    happens(fleet, request)
    answer = decide(ivy, request)
    assert answer.status_code == status
    if status == 302:
        assert answer["Location"].startswith("/sign-in/")
    assert not Approval.objects.exists()


@pytest.mark.threat("T17")
@pytest.mark.asvs("3.5.3")
@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options", "trace"])
def test_only_a_post_decides(fleet: Fleet, method: str) -> None:
    request = fleet.submitted()
    assert request.plan
    address = f"{reverse('approve', args=[request.pk])}?plan_digest={request.plan.digest}"
    assert getattr(signed_in(fleet.ivy), method)(address).status_code == 405
    assert undecided(request)


@pytest.mark.threat("T17")
@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}])
def test_a_form_of_another_site_decides_nothing(fleet: Fleet, headers: dict[str, str]) -> None:
    request = fleet.submitted()
    assert request.plan
    client = signed_in(fleet.ivy, enforce_csrf_checks=True)
    data = {"plan_digest": request.plan.digest, "comment": ""}
    if headers:
        client.get(request.get_absolute_url())
        data["csrfmiddlewaretoken"] = client.cookies["csrftoken"].value
    answer = client.post(reverse("approve", args=[request.pk]), data, headers=headers)
    assert answer.status_code == 403
    assert undecided(request)


@pytest.mark.threat("T16")
@pytest.mark.asvs("15.3.3")
def test_fields_that_the_form_has_not_change_nothing(fleet: Fleet) -> None:
    request = fleet.submitted()
    more = {
        "state": "started",
        "person": str(fleet.ivy.pk),
        "decision": "approve",
        "requester": "1",
        "team": "2",
    }
    client = signed_in(fleet.ana)
    answer = client.post(
        reverse("edit-request", args=[request.pk]),
        {
            "version": str(request.version), "procedure": request.procedure, "media": request.media,
            "target_level": request.target_level, "reason": "r", "impact": "i", "fallback": "f",
            "starts_at": "2030-01-01T00:00", "ends_at": "2030-01-01T04:00", **more,
        },
    )  # fmt: skip
    assert answer.status_code == 302
    request.refresh_from_db()
    assert (request.state, request.requester, request.team.name) == (
        RequestState.PLANNING,
        fleet.ana,
        "Payroll",
    )
    assert not Approval.objects.exists()
    assert not Run.objects.exists()


@pytest.mark.threat("T18")
@pytest.mark.asvs("7.2.4", "7.4.1", "3.3.2", "3.3.4")
def test_signing_in_makes_a_new_session_and_signing_out_ends_it(fleet: Fleet) -> None:
    fleet.ivy.set_password(PASSWORD)
    fleet.ivy.save()
    client = Client()
    client.cookies["lu"] = "chosen-by-somebody-else"
    client.post(reverse("sign-in"), {"username": "ivy", "password": PASSWORD})
    session = client.cookies["lu"]
    assert session.value != "chosen-by-somebody-else"
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    client.post(reverse("sign-out"))
    thief = Client()
    thief.cookies["lu"] = session.value
    assert thief.get(reverse("approvals")).status_code == 302
