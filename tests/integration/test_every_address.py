"""Every address of the portal, opened by everybody: reading changes nothing, each answer protects itself."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponseBase
from django.test import Client
from django.urls import get_resolver, resolve, reverse

from liveupdate.actions.feeds import open_feed
from portal.audit.models import Intake
from portal.web.lists import ListView
from tests.integration import test_account_access, test_api_access
from tests.integration.test_account_access import OF_A_PERSON
from tests.integration.test_api_access import arguments
from tests.integration.test_pages_access import EVERYBODY, Things, signed_in, things
from tests.integration.test_security_origin import names_below

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
__all__ = ["things"]

OF_THE_READER = {"sessions", "access.PersonSession"}
"""What a reader's own session writes."""
ENTERED_BY_READING = {"audit.read", "export.download", "access.denied"}
"""What the ledger says of reading."""
API = {*test_api_access.READS, *(name for _, name in test_api_access.WRITES)}
PERSONS = [name if name == "sam" else pytest.param(name, marks=pytest.mark.deep) for name in EVERYBODY]
"""Who has no role is quick to be refused; what the others get is for the deep tests."""


@dataclass(frozen=True)
class Everything:
    """Where there is something at each address."""

    things: Things
    feed: str

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Name and address of every pattern; a list as a page and as a download."""
        for name in sorted(names_below(get_resolver().url_patterns)):
            address = self.address(name)
            yield name, address
            view = getattr(resolve(address.partition("?")[0]).func, "view_class", None)
            if view and issubclass(view, ListView):
                yield f"{name} as CSV", f"{address}{'&' if '?' in address else '?'}export=csv"

    def address(self, name: str) -> str:
        """Where this is, of what there is."""
        bo, entry = self.things.fleet.bo, Intake.objects.earliest("pk").pk
        told: dict[str, list[Any]] = {
            **{of: [entry] for of in ("audit-entry", "audit-entry-bytes", "audit-entry-proof")},
            **{of: [bo.pk] for of in ("person", "grant-role", "reset-second-factor", *OF_A_PERSON)},
            "revoke-role": [bo.pk, bo.memberships.earliest("pk").pk],
            "calendar-feed": [self.feed],
            "revoke-token": [1],
            "remove-filter": [1],
            "end-session": ["0" * 16],
        }
        if name in API:
            return reverse(name, args=arguments(self.things, name))
        if name in told or name in test_account_access.NAMES or name.startswith(("audit", "api-", "healthz")):
            return reverse(name, args=told.get(name, []))
        return self.things.address(name)


@pytest.fixture
def everything(things: Things) -> Everything:
    _, token = open_feed(things.fleet.bo, things.fleet.teams["Payroll"])
    return Everything(things, token)


def digests() -> dict[str, str]:
    """By table, the digest of all that stands in it; the ledger apart."""
    return {
        model._meta.label: hashlib.sha256(
            repr(list(model._base_manager.order_by("pk").values_list())).encode()
        ).hexdigest()
        for model in apps.get_models()
        if model._meta.app_label not in {*OF_THE_READER, "audit"} and model._meta.label not in OF_THE_READER
    }


def entered(after: int) -> list[str]:
    return list(Intake.objects.filter(pk__gt=after).order_by("pk").values_list("event", flat=True))


def protected(name: str, answer: HttpResponseBase) -> list[str]:
    """What the headers of the answer of an address lack."""
    headers = answer.headers
    policy = headers.get("Content-Security-Policy", "")
    kept = headers.get("Cache-Control", "").startswith(("private", "no-store"))  # by a calendar program
    wanted = {
        "policy": all(
            part in policy
            for part in (
                *("default-src 'none'", "script-src 'self'", "style-src 'self'"),
                *("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"),
            )
        ),
        "no inline": "unsafe" not in policy,
        "no-store": kept if name == "calendar-feed" else "no-store" in headers.get("Cache-Control", ""),
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "frame": headers.get("X-Frame-Options") == "DENY",
        "referrer": headers.get("Referrer-Policy") == "same-origin",
        "opener": headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "permissions": "camera=()" in headers.get("Permissions-Policy", ""),
    }
    return [name for name, holds in wanted.items() if not holds]


@pytest.mark.threat("T17", "T33")
@pytest.mark.asvs("3.5.3", "3.4.3", "3.4.4", "3.4.5", "3.4.6", "3.4.8", "14.3.2")
@pytest.mark.parametrize("person", PERSONS)
def test_reading_everything_changes_nothing_and_every_answer_protects_itself(
    everything: Everything, person: str
) -> None:
    client = signed_in(everything.things, person, raise_request_exception=False)
    before, last = digests(), Intake.objects.latest("pk").pk
    assert len(before) > 40
    lacking, statuses = {}, set()
    for name, address in everything.addresses():
        answer = client.get(address)
        statuses.add(answer.status_code)
        if lacks := protected(name, answer):
            lacking[name] = lacks
    assert lacking == {}
    assert {200, 404, 405} <= statuses <= {200, 302, 400, 403, 404, 405, 409, 503}
    after = digests()
    assert [table for table in before if before[table] != after[table]] == []
    assert set(entered(last)) <= ENTERED_BY_READING


@pytest.mark.threat("T33")
def test_answers_to_nobody_protect_themselves_too(everything: Everything) -> None:
    client = Client()
    addresses = [*everything.addresses(), ("nothing", "/nowhere/")]
    lacking = {name: lacks for name, address in addresses if (lacks := protected(name, client.get(address)))}
    assert lacking == {}
