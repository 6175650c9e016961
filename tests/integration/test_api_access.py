"""Who gets what of the API: every address, every kind of person, in a session and by each kind of token."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, reverse

import inventory.api
import liveupdate.api.urls
import portal.access.api.urls
from liveupdate.models import Approval, Campaign, Request, Run, StoredReport
from portal.access.models import ApiToken
from portal.access.tokens import Scope
from portal.audit.models import Intake
from tests.api import browser, decision, program, send, wished
from tests.integration.test_pages_access import ASKERS, EVERYBODY, PAYROLL, Things, things

pytestmark = pytest.mark.django_db
__all__ = ["things"]

OCTOBER = "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"
OF_THE_LPAR, OF_THE_REQUEST, OF_THE_RUN, OF_THE_CAMPAIGN = "lpar", "request", "run", "campaign"
OF_A_REPORT = "report"
READS: dict[str, tuple[str, tuple[str, ...]]] = {
    "api-me": ("", EVERYBODY),
    "api-lpars": ("", EVERYBODY),
    "api-lpar": (OF_THE_LPAR, PAYROLL),
    "api-findings": (OF_THE_LPAR, PAYROLL),
    "api-requests": ("", EVERYBODY),
    "api-request": (OF_THE_REQUEST, PAYROLL),
    "api-decisions": (OF_THE_REQUEST, PAYROLL),
    "api-approvals": ("", EVERYBODY),
    "api-campaigns": ("", EVERYBODY),
    "api-campaign": (OF_THE_CAMPAIGN, PAYROLL),
    "api-runs": ("", EVERYBODY),
    "api-run": (OF_THE_RUN, PAYROLL),
    "api-commands": (OF_THE_RUN, PAYROLL),
    "api-output": (OF_THE_RUN, PAYROLL),
    "api-reports": ("", EVERYBODY),
    "api-report": (OF_A_REPORT, PAYROLL),
    "api-report-file": (OF_A_REPORT, PAYROLL),
}
"""Address → what it is about, and who reads it; others get 404."""

WRITES: dict[tuple[str, str], tuple[str, ...]] = {
    ("POST", "api-requests"): ASKERS,
    ("PUT", "api-request"): ASKERS,
    ("POST", "api-submit"): ASKERS,
    ("POST", "api-plan-again"): ASKERS,
    ("POST", "api-withdraw"): ASKERS,
    ("POST", "api-decisions"): ("bo", "ivy"),
    ("POST", "api-halt"): ("ana", "bo", "ivy", "kim"),
    ("POST", "api-resume"): ("bo", "ivy", "kim"),
    ("POST", "api-reports"): PAYROLL,
}
"""What changes something, and who may; others get 403 where they see the thing."""

DECISIONS = ("api-decisions", "api-resume")
"""What a person does in a session, and no token ever."""
LISTS = ("api-lpars", "api-requests", "api-approvals", "api-campaigns", "api-runs", "api-reports")


def arguments(things: Things, name: str) -> list[Any]:
    if name in ("api-me", *LISTS):
        return []
    if name in ("api-campaign", "api-halt", "api-resume"):
        return [things.campaign.pk]
    if name in ("api-lpar", "api-findings"):
        return [things.lpar]
    if name.startswith("api-report"):
        return [things.report.pk, *(["json"] if name == "api-report-file" else [])]
    if name == "api-output":
        return [things.run.pk, 1, "stdout"]
    return [things.run.pk if name in ("api-run", "api-commands") else things.submitted.pk]


def body(things: Things, name: str) -> dict[str, Any] | None:
    return {
        "api-requests": wished(lpar=things.lpar),
        "api-request": wished(),
        "api-submit": {"plan_digest": decision(things.submitted)["plan_digest"]},
        **{key: {"reason": "r"} for key in ("api-withdraw", "api-halt", "api-resume")},
        "api-decisions": decision(things.submitted),
        "api-reports": {"kind": "access", "team": "payroll", "begin": OCTOBER[0], "end": OCTOBER[1]},
    }.get(name)


def act(things: Things, client: Client, method: str, name: str) -> Any:
    told = body(things, name)
    return send(client, method, name, *arguments(things, name), body=told, If_Match='"1"')


def rows() -> Iterator[Any]:
    yield Request.objects.count(), Approval.objects.count(), Run.objects.count(), StoredReport.objects.count()
    yield from Request.objects.order_by("pk").values_list("version", "state", "team", "requester")
    yield from Campaign.objects.order_by("pk").values_list("state", "owner")


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.1")
def test_every_address_has_its_row() -> None:
    rooms = (portal.access.api.urls, inventory.api, liveupdate.api.urls)
    patterns = [pattern for room in rooms for pattern in room.urlpatterns]
    found = {pattern.name for pattern in patterns if isinstance(pattern, URLPattern)}
    assert found == {*READS, *(name for _, name in WRITES)}


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.1", "8.2.2", "8.4.1")
@pytest.mark.parametrize("way", [browser, program])
@pytest.mark.deep
def test_who_reads(things: Things, way: Any) -> None:
    for person in EVERYBODY:
        client = way(things.fleet.people[person])
        for name, (_, readers) in READS.items():
            answer = client.get(reverse(name, args=arguments(things, name)))
            assert answer.status_code == (200 if person in readers else 404), (person, name)
            if answer.status_code == 404:
                assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.2")
def test_what_is_missing_looks_like_what_is_hidden(things: Things) -> None:
    client = program(things.fleet.wes)
    for name, (about, _) in READS.items():
        if about:
            there = arguments(things, name)
            hidden = client.get(reverse(name, args=there))
            absent = client.get(reverse(name, args=[999_999, *there[1:]]))
            assert (hidden.status_code, hidden.content) == (404, absent.content), name


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.2", "8.4.1")
def test_a_list_holds_only_what_one_sees(things: Things) -> None:
    for person in EVERYBODY:
        client = program(things.fleet.people[person])
        for name in ("api-lpars", "api-requests", "api-runs"):
            teams = {row["team"] for row in client.get(reverse(name)).json()["results"]}
            allowed = {"payroll", "webshop"} if person in ("kim", "aud", "adm", "ivy") else {"payroll"}
            allowed = {"wes": {"webshop"}, "sam": set()}.get(person, allowed)
            assert teams <= allowed, (person, name)


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("way", [browser, program])
@pytest.mark.parametrize("sent", ["what is asked for", "nonsense", "no JSON"])
@pytest.mark.deep
def test_who_may_not_act_changes_nothing(things: Things, way: Any, sent: str) -> None:
    """The right comes before what was sent: nobody learns from a 400 what they may not do."""
    before = list(rows())
    for person in EVERYBODY:
        client = way(things.fleet.people[person])
        for (method, name), actors in WRITES.items():
            if person in actors:
                continue
            if sent == "what is asked for":
                answer = act(things, client, method, name)
            else:
                text = '{"nonsense": 1}' if sent == "nonsense" else "{"
                address = reverse(name, args=arguments(things, name))
                answer = client.generic(method, address, text, "application/json")
            of_another_team = name in ("api-requests", "api-reports") and person == "wes"
            by_token = way is program and name in DECISIONS
            seen = person in PAYROLL or name in ("api-requests", "api-reports")
            wanted = 400 if of_another_team else 403 if by_token or seen else 404
            assert answer.status_code == wanted, (person, name, answer.content)
            assert set(answer.json()) >= {"code", "detail", "remedy", "status", "title"}
    assert list(rows()) == before


def test_a_token_for_reading_asks_for_nothing(things: Things) -> None:
    before = list(rows())
    client = program(things.fleet.ana, Scope.READ)
    for method, name in WRITES:
        answer = act(things, client, method, name)
        code = "token_never_decides" if name in DECISIONS else "scope_missing"
        assert (answer.status_code, answer.json()["code"]) == (403, code), name
    assert list(rows()) == before
    asking = program(things.fleet.ana, Scope.REQUEST)
    assert asking.get(reverse("api-requests")).json()["code"] == "scope_missing"


@pytest.mark.threat("T20")
@pytest.mark.parametrize("person", EVERYBODY)
@pytest.mark.deep
def test_no_token_decides(things: Things, person: str) -> None:
    client = program(things.fleet.people[person])
    for kind in ("approve", "reject", "change", "withdraw"):
        answer = send(
            client, "POST", "api-decisions", things.submitted.pk, body=decision(things.submitted, kind)
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "token_never_decides")
    page = client.post(reverse("approve", args=[things.submitted.pk]), decision(things.submitted))
    assert (page.status_code, page["Location"].split("?")[0]) == (302, "/sign-in/")
    assert not Approval.objects.filter(plan=things.submitted.plan).exists()


def test_nothing_for_nobody(things: Things) -> None:
    before = list(rows()), Intake.objects.count()
    for headers in ({}, {"Authorization": "Bearer lu_00000000_nothing"}, {"Authorization": "Bearer "}):
        client = Client(headers=headers)
        for name in READS:
            answer = client.get(reverse(name, args=arguments(things, name)))
            assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer"), name
        for method, name in WRITES:
            assert send(client, method, name, *arguments(things, name), body={}).status_code == 401, name
        assert client.get("/api/schema/").status_code == 401
    assert (list(rows()), Intake.objects.count()) == before


@pytest.mark.threat("T17")
@pytest.mark.asvs("3.5.1", "3.5.2")
def test_a_session_needs_the_token_of_its_page(things: Things) -> None:
    """CSRF: a form of another site sends the cookie, never the header."""
    before = list(rows())
    for (method, name), actors in WRITES.items():
        client = browser(things.fleet.people[actors[0]], enforce_csrf_checks=True)
        answer = act(things, client, method, name)
        assert answer.status_code == 403, name
        assert "CSRF" in answer.json()["detail"]
    assert list(rows()) == before


@pytest.mark.threat("T17")
@pytest.mark.asvs("3.5.3")
def test_other_methods_do_nothing(things: Things) -> None:
    client = program(things.fleet.ana)
    for name in {*READS, *(name for _, name in WRITES)}:
        for method in ("DELETE", "PATCH"):
            answer = send(client, method, name, *arguments(things, name), body={})
            assert answer.status_code in (403, 405), (method, name)


@pytest.mark.threat("T16")
@pytest.mark.asvs("15.3.3")
@pytest.mark.deep
@pytest.mark.parametrize("person", EVERYBODY)
def test_no_field_of_a_model_can_be_sent(things: Things, person: str, settings: Any) -> None:
    """Mass assignment: whatever a model has besides what is asked for is refused by name."""
    settings.PORTAL_API_PER_MINUTE = 0
    before = list(rows())
    client = browser(things.fleet.people[person])
    models = [Request, Approval, Run, ApiToken, apps.get_model("access", "User")]
    fields = {field.name for model in models for field in model._meta.get_fields()} | {"team_id", "plan_id"}
    sent = {(method, name): body(things, name) or {} for method, name in WRITES}
    for (method, name), told in sent.items():
        for field in sorted(fields - set(told) - {"consents", "choices", "impact", "fallback"}):
            answer = send(
                client, method, name, *arguments(things, name), body={**told, field: 1}, If_Match='"1"'
            )
            assert answer.status_code in (400, 403, 404), (name, field)
            if person == "ana" and name not in DECISIONS:
                assert answer.json()["errors"] == {field: "There is no such field."}
    assert list(rows()) == before
