"""Signing in and out, lockout, and what the ledger says of them."""

import json

import pytest
from asgiref.sync import async_to_sync
from axes.utils import reset
from django.test import AsyncClient, Client
from django.urls import reverse

from portal.access.models import User
from portal.audit.models import Intake

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.integration.sample_pages")]
PASSWORD = "correct horse battery"


@pytest.fixture
def ana() -> User:
    reset()
    return User.objects.create_user("ana", password=PASSWORD)


def sign_in(client: Client, password: str, username: str = "ana") -> int:
    return client.post("/sign-in/", {"username": username, "password": password}).status_code


def entries() -> list[tuple[str, str, str]]:
    documents = [json.loads(bytes(intake.content)) for intake in Intake.objects.order_by("pk")]
    return [(d["t"], d["actor"]["k"], d["sub"]["user"]) for d in documents]


def test_signing_in_leads_where_one_wanted_to_go(client: Client, ana: User) -> None:
    asked = client.get("/sample/teams/?a=1")
    assert asked.headers["Location"] == f"{reverse('sign-in')}?next=/sample/teams/%3Fa%3D1"
    page = client.get(asked.headers["Location"])
    assert b'<form id="sign-in" method="post"' in page.content
    before = client.session.session_key
    done = client.post("/sign-in/", {"username": "ana", "password": PASSWORD, "next": page.context["next"]})
    assert done.headers["Location"] == "/sample/teams/?a=1"
    assert client.session.session_key != before
    assert client.get("/sample/teams/").status_code == 200
    assert entries() == [("auth.ok", "user", ana.public_id)]


@pytest.mark.threat("T17")
def test_nobody_is_led_off_the_site(client: Client, ana: User) -> None:
    form = {"username": "ana", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert "elsewhere" not in client.post("/sign-in/", form).headers["Location"]


def test_every_page_needs_a_signed_in_person_unless_it_says_otherwise(client: Client, ana: User) -> None:
    assert client.get("/sample/teams/").status_code == 302
    assert client.get("/sample/open/").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_fragment_for_someone_signed_out_reloads_the_whole_page(client: Client, ana: User) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/runs/7/"}
    answer = client.get("/sample/teams/", headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "http://testserver/runs/7/")


@pytest.mark.threat("T17", "T18")
@pytest.mark.asvs("7.4.1")
def test_signing_out_is_a_post_and_ends_the_session(client: Client, ana: User) -> None:
    client.force_login(ana)
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/sample/teams/").status_code == 200
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/sample/teams/").status_code == 302
    assert entries()[-1] == ("auth.logout", "user", ana.public_id)


@pytest.mark.threat("T19")
def test_a_wrong_password_and_an_unknown_name_look_the_same(client: Client, ana: User) -> None:
    answers = [
        client.post("/sign-in/", {"username": name, "password": "wrong"}).context["form"].errors
        for name in ("ana", "nobody")
    ]
    assert answers[0] == answers[1]
    assert entries() == [("auth.fail", "portal", ana.public_id), ("auth.fail", "portal", "unknown")]


@pytest.mark.asvs("16.3.1")
@pytest.mark.threat("T9")
@pytest.mark.asvs("16.2.5")
def test_nothing_that_was_typed_gets_into_the_ledger(client: Client, ana: User) -> None:
    sign_in(client, "s3cret-in-password", username="s3cret-in-name")
    assert all(b"s3cret" not in bytes(intake.content) for intake in Intake.objects.all())


@pytest.mark.asvs("2.4.1", "16.3.1")
@pytest.mark.threat("T19")
@pytest.mark.asvs("6.3.1")
def test_too_many_failures_lock_the_name_for_a_while(client: Client, ana: User) -> None:
    assert [sign_in(client, "wrong") for _ in range(9)] == [200] * 9
    assert sign_in(client, "wrong") == 429
    locked = client.post("/sign-in/", {"username": "ana", "password": PASSWORD})
    assert locked.status_code == 429
    assert locked.headers["Retry-After"] == "900"
    assert "Too many failed sign-ins" in locked.content.decode()
    assert "15 m 00 s" in locked.content.decode()
    seen = len(entries())
    assert [sign_in(client, PASSWORD) for _ in range(5)] == [429] * 5
    assert ("auth.lockout", "portal", ana.public_id) in entries()
    assert len(entries()) == seen, "attempts while locked out would let anybody fill the ledger"


def test_the_lockout_page_is_served_asynchronously_too(
    async_client: AsyncClient, ana: User, settings: object
) -> None:
    settings.AXES_FAILURE_LIMIT = 2  # type: ignore[attr-defined]
    form = {"username": "ana", "password": "wrong"}
    assert async_to_sync(async_client.post)("/sign-in/", form).status_code == 200
    locked = async_to_sync(async_client.post)("/sign-in/", form)
    assert locked.status_code == 429
    assert "Too many failed sign-ins" in locked.content.decode()


def test_a_forged_form_is_refused_with_a_page(ana: User) -> None:
    client = Client(enforce_csrf_checks=True)
    refused = client.post("/sign-in/", {"username": "ana", "password": PASSWORD})
    assert refused.status_code == 403
    assert "Nothing was done" in refused.content.decode()
    assert entries() == []
