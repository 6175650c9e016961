"""Tokens of programs: made once with proof, worth what they say, revoked at once, entered in the ledger."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from axes.utils import reset
from django.test import Client
from django.utils.timezone import localdate

from portal.access.actions import set_active
from portal.access.models import ApiToken, User
from portal.access.tokens import Scope, make_token, revoke_token, token_behind
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.audit.verification.whole import verify_ledger
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid
from tests.fleet import make_fleet
from tests.second_factor import PASSWORD, app_of, signed_in

pytestmark = pytest.mark.django_db
TOMORROW = timedelta(days=1)


@pytest.fixture
def ana() -> User:
    reset()
    return User.objects.create_user("ana", password=PASSWORD)


def made(person: User, *scopes: Scope) -> tuple[ApiToken, str]:
    return make_token(person, "ci", scopes or (Scope.READ,), now() + TOMORROW)


def me(text: str) -> Any:
    return Client(headers={"Authorization": f"Bearer {text}"}).get("/api/v1/me/")


@pytest.mark.asvs("14.2.1")
def test_made_on_the_page_and_shown_once(ana: User) -> None:
    client = signed_in("ana")
    form = {"name": "ci", "scopes": ["read"], "until": str(localdate() + timedelta(days=30))}
    page = client.post("/account/tokens/", form).content.decode()
    shown = re.search(r"lu_[0-9a-f]{8}_[\w-]{43}", page)
    assert shown
    assert me(shown[0]).json()["token_scopes"] == ["read"]
    account = client.get("/account/").content.decode()
    assert shown[0] not in account and shown[0][:11] in account
    secret = shown[0].rsplit("_", 1)[-1]
    stored = repr(list(ApiToken.objects.values())) + "".join(
        bytes(row.content).decode() for row in Intake.objects.all()
    )
    assert secret not in stored
    client.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert me(shown[0]).status_code == 401
    events = list(Intake.objects.order_by("pk").values_list("event", flat=True))
    assert events == ["auth.ok", "token.create", "token.revoke"]


def test_making_one_needs_the_strongest_proof_that_there_is(ana: User) -> None:
    client = Client()
    client.force_login(ana)
    assert client.get("/account/tokens/")["Location"].startswith("/confirm/?wanted=password")
    app_of(ana)
    client.post("/confirm/?wanted=password", {"password": PASSWORD})
    assert client.get("/account/tokens/")["Location"].startswith("/confirm/?wanted=second_factor")
    form = {"name": "ci", "scopes": ["read"], "until": str(localdate())}
    assert client.post("/account/tokens/", form)["Location"].startswith("/confirm/")
    assert not ApiToken.objects.exists()


@pytest.mark.threat("T31")
@pytest.mark.parametrize(
    "altered",
    [
        {"scopes": ["read", "request"]},
        {"expires_at": now() + timedelta(days=900)},
        {"prefix": "00000000"},
        {"mac": "0" * 64},
    ],
)
def test_who_writes_the_database_widens_no_token(ana: User, altered: dict[str, Any]) -> None:
    token, text = made(ana)
    assert me(text).status_code == 200
    assert not [problem for problem in verify_ledger().problems if "Token" in problem.message]
    ApiToken.objects.filter(pk=token.pk).update(**altered)
    assert me(text.replace(token.prefix, altered.get("prefix", token.prefix))).status_code == 401
    if "mac" not in altered:
        assert [problem for problem in verify_ledger().problems if "Token" in problem.message]


def test_a_token_is_of_its_owner_alone(ana: User) -> None:
    bo = User.objects.create_user("bo")
    token, text = made(ana)
    with pytest.raises(Conflict):
        revoke_token(bo, token.pk)
    ApiToken.objects.filter(pk=token.pk).update(owner=bo)
    assert token_behind(text) is None


def test_what_ends_a_token(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token, text = made(ana)
    set_active(ana, False, by=Actor.command("test"))
    assert me(text).status_code == 401
    set_active(ana, True, by=Actor.command("test"))
    assert me(text).status_code == 200
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=now())
    assert me(text).status_code == 401
    _, other = made(ana)
    later = now() + TOMORROW + timedelta(seconds=1)
    monkeypatch.setattr("portal.access.tokens.now", lambda: later)
    assert me(other).status_code == 401


def test_a_revocation_taken_back_in_the_table_is_seen(ana: User) -> None:
    token, _ = made(ana)
    revoke_token(ana, token.pk)
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=None)
    assert [problem for problem in verify_ledger().problems if f"Token {token.pk}" in problem.message]


@pytest.mark.parametrize(
    ("name", "scopes", "days"), [("", ["read"], 1), ("x", [], 1), ("x", ["read"], 0), ("x", ["read"], 400)]
)
def test_a_token_that_cannot_be(ana: User, name: str, scopes: list[Scope], days: int) -> None:
    with pytest.raises(Invalid):
        make_token(ana, name, scopes, now() + timedelta(days=days))


@pytest.mark.threat("T18")
@pytest.mark.asvs("8.3.2", "8.3.3")
def test_rights_are_those_of_the_owner_now(ana: User) -> None:
    _, text = made(ana)
    assert me(text).json()["roles"] == []
    document = json.loads(bytes(Intake.objects.get(event="token.create").content))
    assert document["d"]["scopes"] == "read"


def test_when_it_was_used(ana: User) -> None:
    token, text = made(ana)
    me(text)
    token.refresh_from_db()
    assert token.used_at and now() - token.used_at < timedelta(minutes=1)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "bearer lu__", "Basic YTpi", "Bearer lu_a_b_c"])
def test_what_is_no_token(ana: User, header: str) -> None:
    assert Client(headers={"Authorization": header}).get("/api/v1/me/").status_code == 401


def test_the_ledger_names_the_token_that_acts_for_a_person() -> None:
    fleet = make_fleet()
    token, text = make_token(fleet.bo, "ci", [Scope.REQUEST, Scope.READ], now() + TOMORROW)
    request = fleet.planned("pay01", "bo")
    assert request.plan is not None
    program = Client(headers={"Authorization": f"Bearer {text}"})
    answer = program.post(
        f"/api/v1/requests/{request.pk}/submit/",
        {"plan_digest": request.plan.digest},
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content
    client = Client()
    client.force_login(fleet.bo)
    client.post(f"/requests/{request.pk}/withdraw/", {"reason": "no"})
    by_program, by_hand = (Intake.objects.get(event=event) for event in ("request.submit", "request.cancel"))
    said = [json.loads(bytes(entry.content)) for entry in (by_program, by_hand)]
    assert [each["via"].get("token") for each in said] == [token.prefix, None]
    assert {each["actor"]["id"] for each in said} == {fleet.bo.public_id}
    assert text not in bytes(by_program.content).decode()
    client.force_login(fleet.aud)
    for page in ("/audit/", f"/audit/entries/{by_program.pk}/"):
        assert f"Bo Lang by token {token.prefix}" in client.get(page).content.decode()
    assert f"by token {token.prefix}" not in client.get(f"/audit/entries/{by_hand.pk}/").content.decode()
