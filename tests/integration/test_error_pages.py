"""Refusals and failures as pages and as JSON; headers of every answer."""

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import AsyncClient, Client

from portal.access.models import User
from tests.conftest import remove_triggers

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.integration.sample_pages")]


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", password=None)


@pytest.mark.parametrize(
    ("address", "status", "code", "words"),
    [
        ("/sample/not-allowed/", 403, "not_allowed", "You may not do that."),
        ("/sample/conflict/", 409, "conflict", "Request 4 is not submitted."),
        ("/sample/invalid/", 400, "invalid", "&lt;b&gt;That&lt;/b&gt; is no level."),
        ("/nowhere/", 404, "not_found", "nothing at this address"),
    ],
)
def test_a_refusal_is_a_page_or_json(
    client: Client, ana: User, address: str, status: int, code: str, words: str
) -> None:
    client.force_login(ana)
    page = client.get(address)
    assert page.status_code == status
    assert words in page.content.decode()
    assert "<h1>" in page.content.decode()
    data = client.get(address, headers={"Accept": "application/json"})
    assert data.status_code == status
    assert data.json()["code"] == code
    assert data["Content-Type"] == "application/problem+json"


def test_the_remedy_is_shown(client: Client, ana: User) -> None:
    client.force_login(ana)
    assert "Ask Ada." in client.get("/sample/not-allowed/").content.decode()


def test_an_async_view_is_refused_alike(async_client: AsyncClient, ana: User) -> None:
    async_client.force_login(ana)
    answer = async_to_sync(async_client.get)("/sample/conflict-async/")
    assert answer.status_code == 409
    assert "Look at its record." in answer.content.decode()


@pytest.mark.threat("T35")
@pytest.mark.asvs("16.5.1")
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_failure_shows_no_detail(ana: User, accept: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(ana)
    broken = client.get("/sample/broken/", headers={"Accept": accept})
    assert broken.status_code == 500
    assert "secret detail" not in broken.content.decode()
    assert "server_error" in broken.content.decode()


@pytest.mark.threat("T33")
@pytest.mark.asvs("3.4.3", "3.4.4", "3.4.5", "3.4.6", "3.4.8", "14.3.2")
@pytest.mark.parametrize("address", ["/sample/", "/sign-in/", "/sample/conflict/", "/nowhere/", "/healthz"])
def test_every_answer_carries_the_protective_headers(client: Client, ana: User, address: str) -> None:
    client.force_login(ana)
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    for directive in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
    ):
        assert directive in policy
    assert "unsafe" not in policy
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.threat("T11")
@pytest.mark.parametrize(
    "address", ["/sample/", "/sample/memberships/", "/sample/log/", "/sign-in/", "/nowhere/"]
)
def test_pages_reach_for_nothing_elsewhere_and_carry_nothing_inline(
    client: Client, ana: User, address: str
) -> None:
    client.force_login(ana)
    if address == "/sign-in/":
        client.logout()
    page = client.get(address).content.decode()
    assert "//" not in page.replace("https://x", "")
    for inline in (" style=", "<style", "onclick", "hx-on", "javascript:"):
        assert inline not in page
    assert "<script>" not in page


def test_health_names_each_part_and_says_503_when_one_fails(
    client: Client, ana: User, settings: object
) -> None:
    parts = {"database": "ok", "broker": "ok", "ledger": "ok", "mail": "ok", "anchors": "ok"}
    assert client.get("/healthz").json() == parts
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    ill = client.get("/healthz")
    assert ill.status_code == 503
    assert ill.json()["broker"] == "failed"


def test_a_ledger_that_lost_its_protection_is_ill(client: Client, ana: User) -> None:
    remove_triggers(connection)
    ill = client.get("/healthz")
    assert (ill.status_code, ill.json()["ledger"]) == (503, "failed")
