"""What another site can make a browser do with a person's session: follow a link, and nothing else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from liveupdate.models import Request
from portal.audit.models import Intake
from tests.fleet import CONSENTS, Fleet, make_fleet
from tests.integration import test_account_access, test_api_access, test_pages_access
from tests.run_story import Story

LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
IMAGE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
FRAME = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
SCRIPT = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
STREAM = {"Accept": "text/event-stream", "Origin": "https://evil.example"}


@pytest.fixture
def fleet(db: None) -> Fleet:
    return make_fleet()


def browser(fleet: Fleet, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(fleet.ivy)
    return client


@pytest.mark.asvs("3.4.2")
@pytest.mark.threat("T17", "T36")
@pytest.mark.asvs("3.5.1", "3.5.3", "4.4.2")
def test_a_page_of_another_site_gets_and_does_nothing(fleet: Fleet) -> None:
    """The token of a form is given away on purpose: the origin alone has to be enough."""
    request = fleet.submitted("pay02", consents=CONSENTS)
    assert request.plan
    story = Story(fleet.queued("pay01")).begin()
    client = browser(fleet)
    entered = Intake.objects.exclude(event__endswith=".refused").exclude(event__endswith=".denied")
    before = entered.count()
    stream = reverse("run-stream", args=[story.run.pk])
    for headers in (IMAGE, FRAME, SCRIPT, STREAM):
        for address in ("/", request.get_absolute_url(), stream, reverse("api-runs"), "/account/"):
            answer = client.get(address, headers=headers)
            assert answer.status_code == 403, (address, headers)
            assert "Access-Control-Allow-Origin" not in answer.headers
    data = {"plan_digest": request.plan.digest, "comment": ""}
    for headers in (LINK, IMAGE, FRAME, SCRIPT, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = client.post(reverse("approve", args=[request.pk]), data, headers=headers)
        assert answer.status_code == 403, headers
    assert Request.objects.get(pk=request.pk).state == request.state
    assert list(entered.order_by("pk").values_list("event", flat=True)[before:]) == []


@pytest.mark.threat("T17")
def test_links_own_pages_and_programs_pass(fleet: Fleet) -> None:
    client = browser(fleet)
    own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Origin": "http://testserver"}
    typed = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for headers in (LINK, own, typed, {}):
        assert client.get("/requests/", headers=headers).status_code == 200, headers


@pytest.mark.threat("T17")
def test_a_trusted_origin_behind_a_proxy_passes(fleet: Fleet, settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://lu.example.com"]
    client = browser(fleet)
    assert client.get("/requests/", headers={"Origin": "https://lu.example.com"}).status_code == 200
    assert client.get("/requests/", headers={"Origin": "https://lu.example.com.evil"}).status_code == 403


OPEN = {"healthz", "api-docs", "api-schema"}
"""Without things of teams: health for monitors, and the description of the API for who is signed in."""
LEDGER = {
    "audit", "audit-verify", "audit-verify-part", "audit-checkpoint", "audit-entry", "audit-entry-bytes",
    "audit-entry-proof", "audit-health",
}  # fmt: skip
"""`test_ledger_pages.py` and `test_audit_health.py` have their cases."""


def names_below(patterns: list[Any]) -> set[str]:
    """The name of every address below these patterns."""
    found: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found |= names_below(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            found.add(str(pattern.name))
    return found


@pytest.mark.threat("T15", "T31")
@pytest.mark.asvs("8.2.1")
def test_every_address_of_the_portal_is_in_a_matrix_of_who_gets_it() -> None:
    """A new address without a row fails here, wherever it is: pages, API, streams, downloads, other sites."""
    matrices = {
        *test_pages_access.NAMES,
        *test_pages_access.BY_A_SECRET,
        *test_account_access.NAMES,
        *test_api_access.READS,
        *(name for _, name in test_api_access.WRITES),
    }
    assert names_below(get_resolver().url_patterns) - matrices - OPEN - LEDGER == set()


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.1")
def test_the_ledgers_addresses_are_for_its_readers(fleet: Fleet) -> None:
    client = Client()
    client.force_login(fleet.ana)
    entry = Intake.objects.latest("pk").pk
    for name in LEDGER:
        address = reverse(name, args=[entry] if name.startswith("audit-entry") else [])
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code in (403, 404, 405), name


@pytest.mark.threat("T31")
def test_there_is_no_site_that_edits_rows() -> None:
    from django.apps import apps

    assert not apps.is_installed("django.contrib.admin")
