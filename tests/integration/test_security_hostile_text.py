"""Every text that a host, a file or a person can bring in is hostile: no page obeys any of it."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

from inventory.models import Discovered
from liveupdate.actions.conversation import say
from liveupdate.models import Plan, Request, Run
from liveupdate.pages.run_feed import RunFeed
from portal.audit.models import Intake
from tests.campaign_world import draft_of
from tests.discoveries import discovery_of_everything
from tests.fleet import CONSENTS, Fleet, make_fleet
from tests.hostile import spoil_rows
from tests.run_story import Story

pytestmark = [pytest.mark.django_db, pytest.mark.deep]
EVIL = "=cmd|x<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\x1b]0;t\x07\u202e{{7*7}}{% x %}"
OBEYED = re.compile(r"<script>alert|<img src=x|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]|=cmd\|x49")


def spoil(held: Any) -> Any:
    """A JSON document with hostile text wherever people read it."""
    if isinstance(held, dict):
        read = {"title", "why", "message", "remedy", "text", "reason", "outcome", "line", "lines", "problem"}
        return {name: _spoilt(part) if name in read else spoil(part) for name, part in held.items()}
    return [spoil(part) for part in held] if isinstance(held, list) else held


def _spoilt(part: Any) -> Any:
    return [EVIL] * (len(part) + 1) if isinstance(part, list) else EVIL


def spoil_documents() -> None:
    for label in ("inventory", "liveupdate"):
        for model in apps.get_app_config(label).get_models():
            for column in model._meta.get_fields():
                if isinstance(column, models.JSONField) and column.name != "consents":
                    for row in model._default_manager.all():
                        changed = {column.name: spoil(getattr(row, column.name))}
                        model._default_manager.filter(pk=row.pk).update(**changed)
    for plan in Plan.objects.all():
        Plan.objects.filter(pk=plan.pk).update(document=json.dumps(spoil(json.loads(plan.document))))


@pytest.fixture
def fleet() -> Fleet:
    fleet = make_fleet()
    story = Story(fleet.queued("pay01")).begin().up_to_update()
    fleet.submitted("pay02", consents=CONSENTS)
    fleet.planned("web02", "wes")
    say(fleet.ivy, Request.objects.order_by("pk")[0].pk, "Why tonight?")
    story.looks(EVIL)
    [row] = [row for row in story.run.steps.all() if row.phase == "update"][:1]
    story.prints(story.start(row), EVIL.encode())
    draft_of(fleet)
    discovery_of_everything()
    for item in Discovered.objects.all():
        item.after = {name: EVIL if isinstance(value, str) else value for name, value in item.after.items()}
        item.save()
    assert spoil_rows([EVIL]) > 100
    spoil_documents()
    return fleet


PAGES = [
    *("dashboard", "lpars", "fleet", "systems", "schedules", "requests", "approvals", "runs", "hosts"),
    *("notices", "campaigns"),
    *("people", "audit", "import-hosts", "discoveries"),
]
DETAILS = {
    "inventory.Lpar": ["lpar", "lpar-facts", "lpar-changes"],
    "inventory.Host": ["host"],
    "inventory.Hmc": ["hmc", "branch-systems"],
    "inventory.ManagedSystem": ["system", "branch-lpars"],
    "liveupdate.Campaign": ["campaign"],
    "liveupdate.Request": ["request"],
    "liveupdate.Run": ["run"],
}


def details() -> Iterator[str]:
    for label, names in DETAILS.items():
        for row in apps.get_model(label)._default_manager.all():
            yield from (reverse(name, args=[row.pk]) for name in names)
    readings = apps.get_model("inventory", "FactReading")._default_manager.select_related("subject__lpar")
    for reading in readings.exclude(subject__lpar=None):
        yield reverse("reading", args=[reading.subject.lpar.pk, reading.pk])
    for item in Discovered.objects.all():
        yield reverse("discovered", args=[item.discovery_id, item.pk])
        for shown in ("new", "changed", "gone", "taken"):
            yield f"{reverse('discovery', args=[item.discovery_id])}?show={shown}"
    for person in apps.get_model("access", "User")._default_manager.all():
        yield reverse("person", args=[person.pk])
    for entry in Intake.objects.order_by("-pk")[:5]:
        yield reverse("audit-entry", args=[entry.pk])


def signed_in(fleet: Fleet, name: str) -> Client:
    client = Client()
    client.force_login(fleet.people[name])
    return client


@pytest.mark.threat("T10", "T11", "T26")
@pytest.mark.asvs("1.3.7", "3.2.2")
@pytest.mark.parametrize(
    "name", [*(pytest.param(name, marks=pytest.mark.deep) for name in ("adm", "kim")), "bo"]
)
def test_no_page_obeys_hostile_text(fleet: Fleet, name: str) -> None:
    client = signed_in(fleet, name)
    addresses = [*map(reverse, PAGES), *sorted(set(details()))]
    shown = 0
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code in (200, 403, 404), address
        text = answer.content.decode()
        found = OBEYED.search(text)
        assert not found, f"{address}: {text[max(0, found.start() - 200) : found.end() + 20]!r}"
        shown += "&lt;script&gt;alert" in text
    assert shown > 15


@pytest.mark.threat("T12")
@pytest.mark.asvs("1.2.10")
def test_exports_hold_no_formula(fleet: Fleet) -> None:
    client = signed_in(fleet, "adm")
    spoilt = 0
    for name in ("lpars", "requests", "runs", "hosts", "people", "audit"):
        answer = client.get(reverse(name), {"export": "csv"})
        assert "attachment" in answer["Content-Disposition"]
        for row in csv.reader(io.StringIO(answer.content.decode())):
            for cell in row:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), (name, cell)
                spoilt += cell.startswith("'=cmd")
    assert spoilt > 5


@pytest.mark.threat("T10", "T13")
def test_streams_carry_text_as_json_on_one_line(fleet: Fleet) -> None:
    run = Run.objects.get()
    events = RunFeed(run.pk).fetch((), 10_000)
    told = [event for event in events if "alert(1)" in event.data]
    assert told
    assert not [event for event in events if "\n" in event.data or "\r" in event.data]


@pytest.mark.threat("T10")
@pytest.mark.asvs("5.4.1", "5.4.2")
def test_a_downloads_name_is_ours(fleet: Fleet) -> None:
    client = signed_in(fleet, "kim")
    run = Run.objects.get()
    for address in (
        reverse("run-transcript", args=[run.pk]),
        reverse("run-output", args=[run.pk, 1, "stdout"]),
    ):
        answer = client.get(address)
        assert re.fullmatch(r'attachment; filename="[a-z0-9.-]+"', answer["Content-Disposition"])
        assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (
            "application/octet-stream",
            "nosniff",
        )


@pytest.mark.threat("T11")
def test_an_imported_file_is_shown_as_text(fleet: Fleet) -> None:
    client = signed_in(fleet, "adm")
    content = f'kind,name,address\nlpar,"{EVIL.replace(chr(34), chr(34) * 2)}",{EVIL[:9]}\n'
    answer = client.post(reverse("import-hosts"), {"format": "csv", "content": content})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
