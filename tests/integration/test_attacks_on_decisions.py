"""Every attack on a decision by every route that there is: refused with its reason, and entered where
somebody who may see the request tried to decide on it."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse
from kombu.exceptions import ContentDisallowed
from kombu.serialization import dumps, loads, prepare_accept_content

from liveupdate.actions.approvals import approve, withdraw_approval
from liveupdate.engine.worker import worker
from liveupdate.models import Approval, Delegation, Request, Run
from liveupdate.states import RequestState
from portal.access.models import ApiToken, Membership, User
from portal.access.roles import Role
from portal.access.tokens import Scope
from portal.audit.models import Intake
from portal.celery import app
from portal.lib.clock import now
from tests.api import browser, decision, program, send
from tests.fleet import Fleet, make_fleet

pytestmark = [pytest.mark.django_db, pytest.mark.threat("T20", "T31")]
DAY = timedelta(days=1)
JSON = {"Accept": "application/json"}


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def everything(person: User) -> User:
    """Every role that there is, everywhere, and the flags of a superuser."""
    for role in Role:
        Membership.objects.get_or_create(user=person, role=role, team=None)
    User.objects.filter(pk=person.pk).update(is_superuser=True, is_staff=True)
    return User.objects.get(pk=person.pk)


def requester(fleet: Fleet, _request: Request) -> User:
    return everything(fleet.ana)


def editor(fleet: Fleet, request: Request) -> User:
    request.editors.add(fleet.bo)
    return everything(fleet.bo)


def delegate_of_the_requester(fleet: Fleet, _request: Request) -> User:
    delegated(fleet.ana, fleet.ivy)
    return fleet.ivy


def with_a_role_from_the_requester(fleet: Fleet, _request: Request) -> User:
    team = fleet.teams["Payroll"]
    Membership.objects.create(user=fleet.sam, role=Role.APPROVER, team=team, granted_by=fleet.ana)
    return fleet.sam


def superuser_with_no_role(fleet: Fleet, _request: Request) -> User:
    User.objects.filter(pk=fleet.sam.pk).update(is_superuser=True, is_staff=True)
    return User.objects.get(pk=fleet.sam.pk)


def operator(fleet: Fleet, _request: Request) -> User:
    return fleet.kim


def administrator(fleet: Fleet, _request: Request) -> User:
    return fleet.adm


def auditor(fleet: Fleet, _request: Request) -> User:
    return fleet.aud


def approver_of_another_team(fleet: Fleet, _request: Request) -> User:
    return fleet.wes


def delegate_above_the_ceiling(fleet: Fleet, _request: Request) -> User:
    delegated(fleet.ivy, fleet.kim, risk="low")
    return fleet.kim


def delegate_of_yesterday(fleet: Fleet, _request: Request) -> User:
    delegated(fleet.ivy, fleet.kim, starts_at=now() - 2 * DAY, ends_at=now() - DAY)
    return fleet.kim


def delegate_of_tomorrow(fleet: Fleet, _request: Request) -> User:
    delegated(fleet.ivy, fleet.kim, starts_at=now() + DAY, ends_at=now() + 2 * DAY)
    return fleet.kim


def delegate_of_a_delegate(fleet: Fleet, _request: Request) -> User:
    delegated(fleet.ivy, fleet.sam)
    delegated(fleet.sam, fleet.kim)
    return fleet.kim


def delegated(giver: User, taker: User, **changes: Any) -> None:
    values = {"starts_at": now() - DAY, "ends_at": now() + DAY, "risk": "high", "reason": "away", **changes}
    Delegation.objects.create(giver=giver, taker=taker, **values)


Attack = Callable[[Fleet, Request], User]
ATTACKS: dict[Attack, str] = {
    requester: "requester",
    editor: "editor",
    delegate_of_the_requester: "delegate",
    with_a_role_from_the_requester: "role_from_request",
    superuser_with_no_role: "not_found",
    operator: "role",
    administrator: "role",
    auditor: "role",
    approver_of_another_team: "not_found",
    delegate_above_the_ceiling: "role",
    delegate_of_yesterday: "role",
    delegate_of_tomorrow: "role",
    delegate_of_a_delegate: "role",
}
"""Who tries, and the reason that they get; `not_found`: they may not even see the request."""


def by_page(person: User, request: Request, verb: str) -> Any:
    assert request.plan
    name = {"change": "ask-for-change"}.get(verb, verb)
    said = {"plan_digest": request.plan.digest, "version": request.version, "comment": "", "reason": "r"}
    return browser(person).post(reverse(name, args=[request.pk]), said, headers=JSON)


def from_the_inbox(person: User, request: Request, verb: str) -> Any:
    assert request.plan
    name = {"change": "ask-for-change"}.get(verb, verb)
    said = {"plan_digest": request.plan.digest, "version": request.version, "comment": "", "reason": "r"}
    headers = {**JSON, "HX-Request": "true"}
    return browser(person).post(reverse(name, args=[request.pk]), {**said, "then": "inbox"}, headers=headers)


def together(person: User, request: Request, _verb: str) -> Any:
    assert request.plan
    shown = f"{request.pk}:{request.version}:{request.plan.digest}"
    said = {"read": shown, "picked": shown, "comment": ""}
    return browser(person).post(reverse("approve-alike"), said, headers=JSON)


def by_api(person: User, request: Request, verb: str) -> Any:
    return send(browser(person), "POST", "api-decisions", request.pk, body=decision(request, verb))


ROUTES = (by_page, from_the_inbox, together, by_api)
TRIED = {"approve": ROUTES, "reject": (by_page, by_api), "change": (by_api,)}
"""By which routes each verb goes; the inbox sends what the page sends, together only approves."""


def undecided(request: Request) -> bool:
    request.refresh_from_db()
    return not Approval.objects.exists() and request.state == RequestState.SUBMITTED


def refused_entries() -> list[dict[str, Any]]:
    rows = Intake.objects.filter(event="approval.refused").order_by("pk")
    return [json.loads(bytes(row.content)) for row in rows]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("verb", TRIED)
@pytest.mark.deep
def test_every_attack_by_every_route(fleet: Fleet, verb: str) -> None:
    request, wrong = fleet.submitted(), []
    for attack, code in ATTACKS.items():
        for route in TRIED[verb]:
            with transaction.atomic():
                person, before = attack(fleet, request), len(refused_entries())
                answer = route(person, request, verb)
                got, said = answer.status_code, answer.json()
                entered = refused_entries()[before:]
                hidden = code == "not_found" and route is not together
                expected = {404} if code == "not_found" else {403}
                fine = got in (expected | {400, 422} if route is together else expected)
                fine &= hidden or said["code"] == code
                fine &= bool(said["detail"]) and undecided(request)
                fine &= hidden or [(each["d"]["code"], each["actor"]["id"]) for each in entered] == [
                    (code, person.public_id)
                ]
                if not fine:
                    wrong.append((attack.__name__, route.__name__, got, said, entered))
                transaction.set_rollback(True)
    assert wrong == []


@pytest.mark.parametrize("scopes", [(), (Scope.READ,), (Scope.REQUEST,)])
def test_no_token_decides_whoever_has_it(fleet: Fleet, scopes: tuple[Scope, ...]) -> None:
    request = fleet.submitted()
    client = program(fleet.ivy, *scopes)
    for verb in Approval.Decision.values:
        answer = send(client, "POST", "api-decisions", request.pk, body=decision(request, verb))
        assert (answer.status_code, answer.json()["code"]) == (403, "token_never_decides")
        entry = refused_entries()[-1]
        assert (entry["d"]["code"], entry["sub"]["request"]) == ("token_never_decides", request.number)
        assert entry["actor"]["id"] == fleet.ivy.public_id
        assert entry["via"]["token"] == ApiToken.objects.get().prefix
    assert undecided(request)
    assert len(refused_entries()) == len(Approval.Decision.values)
    assert not Intake.objects.filter(event="access.denied").exists(), "entered once, as what it was"
    said = decision(request)
    assert client.post(reverse("approve", args=[request.pk]), said).status_code in (302, 403)
    assert undecided(request)


def test_a_token_that_tries_at_what_its_owner_may_not_see_says_nothing_of_it(fleet: Fleet) -> None:
    request = fleet.submitted()
    answer = send(program(fleet.wes), "POST", "api-decisions", request.pk, body=decision(request))
    assert (answer.status_code, answer.json()["code"]) == (403, "token_never_decides")
    assert refused_entries() == []
    assert Intake.objects.filter(event="access.denied").count() == 1


@pytest.mark.parametrize("body", ["[]", "not JSON", '{"plan_digest": {"a": 1}}', '{"plan_digest": 7}'])
def test_what_a_token_sends_is_entered_whatever_it_is(fleet: Fleet, body: str) -> None:
    request = fleet.submitted()
    api = reverse("api-decisions", args=[request.pk])
    answer = program(fleet.ivy).generic("POST", api, body, "application/json")
    assert answer.status_code == 403
    assert [each["d"]["code"] for each in refused_entries()] == ["token_never_decides"]


def sent(request: Request) -> dict[str, Any]:
    assert request.plan
    return {"plan_digest": request.plan.digest, "version": request.version}


def test_only_a_post_of_a_form_or_of_json_decides(fleet: Fleet) -> None:
    request = fleet.submitted()
    client, api = browser(fleet.ivy), reverse("api-decisions", args=[request.pk])
    for verb in ("approve", "reject", "ask-for-change", "withdraw-approval"):
        page = reverse(verb, args=[request.pk])
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
            answer = client.generic(method, page, json.dumps(sent(request)), "application/json")
            assert answer.status_code == 405, (method, page)
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "BREW"):
        answer = client.generic(method, api, json.dumps(decision(request)), "application/json")
        assert answer.status_code == 405, method
    header = {"X-HTTP-Method-Override": "POST"}
    client.get(reverse("approve", args=[request.pk]), sent(request), headers=header)
    client.get(api, {**decision(request), "_method": "POST"}, headers=header)
    types = ("text/plain", "application/xml", "multipart/form-data; boundary=x", "text/html",
             "application/x-www-form-urlencoded", "application/x-python-serialize", "")  # fmt: skip
    for kind in types:
        assert client.generic("POST", api, json.dumps(decision(request)), kind).status_code in (400, 415), (
            kind
        )
        page = client.generic("POST", reverse("approve", args=[request.pk]), json.dumps(sent(request)), kind)
        assert page.status_code == 400, kind
    assert undecided(request)


NESTED = "[" * 100_000 + "]" * 100_000
BODIES = {
    "nothing": "",
    "a list": "[]",
    "a text": '"approve"',
    "null": "null",
    "nested": NESTED,
    "nested in a field": '{"decision": ' + NESTED + "}",
    "oversized": json.dumps({"decision": "approve", "reason": "x" * 3_000_000}),
    "twice the same member": '{"decision": "reject", "decision": "approve"}',
    "NaN": '{"decision": NaN}',
    "no UTF-8": b"\xff\xfe{}".decode("latin-1"),
    "a decision that there is not": '{"decision": "altered"}',
}


def test_bodies_that_are_no_decision_decide_nothing(fleet: Fleet) -> None:
    request = fleet.submitted()
    client, api = browser(fleet.ivy), reverse("api-decisions", args=[request.pk])
    for name, body in BODIES.items():
        answer = client.generic("POST", api, body, "application/json")
        assert answer.status_code in (400, 413, 422), (name, answer.status_code)
    assert undecided(request)


def fields_of(*models: type[Any]) -> Iterator[str]:
    """Every column and relation of some tables."""
    for model in models:
        for column in model._meta.get_fields():
            yield from {column.name, getattr(column, "attname", column.name)}


@pytest.mark.deep
def test_no_field_of_any_table_is_taken_besides(fleet: Fleet) -> None:
    """What the API does not name it refuses; what a form does not name changes nothing."""
    request = fleet.submitted()
    known = set(decision(request))
    client = browser(fleet.ivy)
    for name in sorted(set(fields_of(Approval, Request, Run, Delegation)) - known):
        body = {**decision(request), name: fleet.ana.pk}
        answer = send(client, "POST", "api-decisions", request.pk, body=body)
        assert answer.status_code in (400, 422), name
    assert undecided(request)
    more = {name: str(fleet.bo.pk) for name in fields_of(Approval, Request)} | sent(request)
    client.post(reverse("approve", args=[request.pk]), {**more, "comment": "fine"})
    said = Approval.objects.get()
    assert (said.person, said.on_behalf_of, said.stage, said.decision) == (fleet.ivy, None, 0, "approve")
    request.refresh_from_db()
    assert (request.requester, request.state) == (fleet.ana, RequestState.APPROVED)


@pytest.mark.deep
def test_decisions_replayed_duplicated_and_out_of_order(fleet: Fleet) -> None:
    request = fleet.submitted()
    client = browser(fleet.ivy)

    def say(verb: str) -> tuple[int, str]:
        answer = send(client, "POST", "api-decisions", request.pk, body=decision(request, verb))
        return answer.status_code, answer.json().get("code", "")

    assert say("withdraw")[0] == 409, "before there is anything to take back"
    assert [say("approve")[0] for _ in range(20)] == [201] + [409] * 19
    assert Approval.objects.count() == 1
    assert say("reject")[0] == 409, "after one's own approval"
    assert [say("withdraw")[0] for _ in range(5)] == [201] + [409] * 4
    assert say("approve")[0] == 201
    kinds = list(Approval.objects.order_by("pk").values_list("decision", flat=True))
    assert kinds == ["approve", "withdraw", "approve"]
    codes = {each["d"]["code"] for each in refused_entries()}
    assert codes and not codes & {"conflict", "not_allowed", "invalid"}


def test_nobody_takes_somebody_elses_approval_back(fleet: Fleet) -> None:
    request = fleet.submitted()
    assert request.plan
    approve(fleet.ivy, request.pk, request.plan.digest)
    for person in (fleet.bo, fleet.ana, fleet.adm, fleet.kim):
        answer = by_page_withdrawn(person, request)
        assert answer.status_code == 409
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED
    withdraw_approval(fleet.ivy, request.pk, "mine")


def by_page_withdrawn(person: User, request: Request) -> Any:
    return browser(person).post(
        reverse("withdraw-approval", args=[request.pk]), {"reason": "r"}, headers=JSON
    )


def test_there_is_no_admin_site() -> None:
    assert not apps.is_installed("django.contrib.admin")
    with pytest.raises(NoReverseMatch):
        reverse("admin:index")
    client = Client()
    assert {client.get(path).status_code for path in ("/admin/", "/admin/login/")} <= {302, 404}


OURS = ("ring", "look", "plan", "start", "discovery")
HOSTILE: list[Any] = [
    None, True, -1, 0, 2**63, 2**200, 1.5, "1", "1; drop table", "x" * 1_000_000, [], [1], {"pk": 1},
    {"__class__": "os.system"}, json.loads("[" * 500 + "]" * 500),
]  # fmt: skip


@pytest.mark.threat("T22", "T23")
@pytest.mark.deep
def test_forged_messages_decide_and_start_nothing(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message names a row; for what, with which word, how often and in which order changes nothing."""
    monkeypatch.setattr(worker, "begin", lambda _what, pk, errand: errand(pk))
    request, before = fleet.submitted(), Intake.objects.count()
    app.loader.import_default_modules()
    tasks = {name: app.tasks[f"liveupdate.tasks.{name}"] for name in OURS}
    for task in tasks.values():
        for argument in HOSTILE:
            task.run(argument)
    for _ in range(100):
        for name in ("start", "ring"):
            tasks[name].run(request.pk)
            tasks[name].run(request.pk + 10_000)
    assert not Run.objects.exists()
    assert undecided(request)
    assert Intake.objects.count() == before


@pytest.mark.threat("T23", "T24")
def test_only_json_is_read_from_the_broker() -> None:
    assert list(app.conf.accept_content) == ["json"]
    assert not app.conf.worker_enable_remote_control
    assert app.conf.task_ignore_result
    for kind in ("pickle", "yaml"):
        content_type = {"pickle": "application/x-python-serialize", "yaml": "application/x-yaml"}[kind]
        with pytest.raises(ContentDisallowed):
            loads(
                b"\x80\x04K\x01.",
                content_type,
                "binary",
                accept=prepare_accept_content(app.conf.accept_content),
            )
    content_type, encoding, body = dumps([1], serializer="json")
    assert loads(body, content_type, encoding, accept=prepare_accept_content(app.conf.accept_content)) == [1]
