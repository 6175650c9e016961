"""The page that says what the ledger's word rests on, and the parts of health that come from it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import transaction
from django.test import Client

from portal.audit import hold
from portal.audit.actor import Actor
from portal.audit.anchors.configured import configured_anchors
from portal.audit.anchors.publisher import Publisher
from portal.audit.ceremony import Ceremony, Confirmation, rotate
from portal.audit.checks import anchors_are_configured
from portal.audit.events import Event
from portal.audit.models import AnchorState, Hold
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.audit.signer import Signer, SignerFiles
from portal.audit.trust import trust
from portal.audit.verification.whole import keep, verify_ledger
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db
SYSLOG = "udp://127.0.0.1:5140"


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def page(fleet: Fleet, person: str = "aud", address: str = "/audit/health/") -> str:
    client = Client()
    client.force_login(fleet.people[person])
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_auditors_and_administrators_alone_see_it(fleet: Fleet) -> None:
    for person, status in (("aud", 200), ("adm", 200), ("kim", 403), ("ana", 403)):
        client = Client()
        client.force_login(fleet.people[person])
        assert client.get("/audit/health/").status_code == status


def test_a_ledger_with_one_anchor_is_warned_of(fleet: Fleet) -> None:
    seal_now()
    Publisher(configured_anchors(), SignerFiles.from_settings()).round()
    text = page(fleet)
    assert "Checkpoints stay on this machine" in text
    assert "As signed" in text and "Never verified" in text and "Triggers in place" in text
    assert [message.id for message in anchors_are_configured()] == ["audit.W001"]


def test_anchors_that_fail_alarms_acts_and_coverage_are_shown(fleet: Fleet, settings: Any) -> None:
    settings.LEDGER_SYSLOG = [SYSLOG]
    seal_now()
    outside = Publisher(configured_anchors(), SignerFiles.from_settings())
    outside.round()
    keep(verify_ledger())
    rotate(
        Signer(SignerFiles.from_settings(), settings.LEDGER_ORIGIN),
        Ceremony((Confirmation("u_a", "password"), Confirmation("u_b", "password")), "yearly change"),
    )
    AnchorState.objects.filter(kind="syslog").update(
        failures=4, failing_since=now() - timedelta(hours=2), error="syslog does not answer."
    )
    with transaction.atomic():
        record(
            Event.LEDGER_ALARM,
            Actor.portal(),
            {},
            {"anchor": "x", "over": False, "reason": "No route to it."},
        )
    found = trust()
    assert [(anchor.kind, anchor.state) for anchor in found.anchors] == [
        ("file", "waiting"),
        ("syslog", "failed"),
    ]
    assert found.verified < found.ledger.signed and found.queue == 1 and not found.few
    assert found.anchors[0].behind == found.ledger.signed - found.anchors[0].covered > 0
    text = page(fleet)
    for words in ("syslog does not answer.", "No route to it.", "yearly change", " wait for a place"):
        assert words in text
    assert "Checkpoints stay on this machine" not in text
    assert "fails since" in page(fleet, address="/") and "fails since" in page(fleet, "ana", "/")
    assert Client().get("/healthz").json()["anchors"] == "failed"
    assert anchors_are_configured() == []


def test_a_hold_is_shown_and_fails_the_health(fleet: Fleet) -> None:
    seal_now()
    Hold.objects.create(found_at=now(), reason="Entries 5 to 9 are missing.", size=5, signed_size=10)
    hold.forget()
    assert "Not as signed" in page(fleet)
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()["ledger"]) == (503, "failed")


def test_a_setting_that_names_no_anchor_is_an_error(settings: Any) -> None:
    settings.LEDGER_TIMESTAMP_URL = "http://tsa.example.com"
    settings.LEDGER_TIMESTAMP_CA = "/nowhere.pem"
    assert [message.id for message in anchors_are_configured()] == ["audit.E002"]
    settings.LEDGER_TIMESTAMP_URL = ""
    settings.LEDGER_SYSLOG = ["siem"]
    assert "audit.E002" in [message.id for message in run_checks(include_deployment_checks=True)]


def test_it_costs_few_queries(fleet: Fleet, django_assert_max_num_queries: Any) -> None:
    seal_now()
    client = Client()
    client.force_login(fleet.people["aud"])
    with django_assert_max_num_queries(10):
        client.get("/audit/health/")
