"""A request takes a free slot, or times of its own that the calendar allows; anything else is refused."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from liveupdate.actions.periods import PeriodWish, write_period
from liveupdate.control.calendar import Kind
from liveupdate.models import Request
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet
from tests.request_pages import opened, sent, wish

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def add(fleet: Fleet, kind: Kind, begin: timedelta, length: timedelta, **more: Any) -> None:
    first = (now() + begin).replace(tzinfo=None, second=0, microsecond=0)
    values = {"name": "Nights" if kind is Kind.WINDOW else "Year end", "zone": "UTC"}
    write_period(fleet.adm, PeriodWish(kind, first=first, last=first + length, **(values | more)), "agreed")


def new(fleet: Fleet) -> str:
    return reverse("new-request") + f"?lpar={fleet.lpars['pay01'].pk}"


def choices(page: str) -> list[str]:
    return re.findall(r'name="slot" value="([^"]*)"', page)


def test_without_windows_no_slot_is_offered(fleet: Fleet) -> None:
    add(fleet, Kind.FREEZE, 50 * HOUR, 5 * HOUR)
    assert choices(opened(fleet, "ana", new(fleet))) == []


def test_the_earliest_slot_is_chosen_and_five_are_offered(fleet: Fleet) -> None:
    add(fleet, Kind.WINDOW, 26 * HOUR, 4 * HOUR, rule="FREQ=DAILY", zone="America/New_York")
    add(fleet, Kind.FREEZE, 48 * HOUR, 24 * HOUR)
    page = opened(fleet, "ana", new(fleet))
    offered = choices(page)
    assert len(offered) == 6
    assert offered[-1] == ""
    assert "Earliest safe slot: " in page
    assert " EST · here " in page
    form = wish(slot=offered[0], starts_at="", ends_at="")
    sent(fleet, "ana", new(fleet), **form)
    request = Request.objects.get()
    begin, end = offered[0].split("/")
    assert (request.starts_at, request.ends_at) == (
        datetime.fromisoformat(begin),
        datetime.fromisoformat(end),
    )
    assert request.ends_at - request.starts_at == 4 * HOUR


def test_a_slot_in_a_freeze_is_refused_with_its_name_and_what_comes_next(fleet: Fleet) -> None:
    add(fleet, Kind.FREEZE, -HOUR, 40 * HOUR)
    page = sent(fleet, "ana", new(fleet), **wish()).content.decode()
    assert "The freeze “Year end” (every LPAR) lasts until" in page
    assert "Its own change window has no slot; the next of the LPAR is" in page
    assert not Request.objects.exists()


def test_times_outside_every_window_and_too_short_ones_are_refused(fleet: Fleet) -> None:
    add(fleet, Kind.WINDOW, 26 * HOUR, 4 * HOUR, rule="FREQ=DAILY")
    page = sent(fleet, "ana", new(fleet), **wish(slot="")).content.decode()
    assert "change windows is open then: “Nights”" in page
    moment = now() + 28 * HOUR
    late = wish(starts_at=f"{moment + HOUR:%Y-%m-%dT%H:%M}", ends_at=f"{moment + 9 * HOUR:%Y-%m-%dT%H:%M}")
    page = sent(fleet, "ana", new(fleet), **late).content.decode()
    assert "It needs 1 h 10 min" in page
    assert "no more than" in page
    assert not Request.objects.exists()


@pytest.mark.parametrize("slot", ["tomorrow", "2026-01-01/", "2026-01-01T00:00:00+00:00", "a/b/c"])
def test_what_is_no_slot_is_refused(fleet: Fleet, slot: str) -> None:
    add(fleet, Kind.WINDOW, 26 * HOUR, 4 * HOUR, rule="FREQ=DAILY")
    page = sent(fleet, "ana", new(fleet), **wish(slot=slot)).content.decode()
    assert "That is no slot" in page
    page = sent(fleet, "ana", new(fleet), **wish(slot="", ends_at="")).content.decode()
    assert "Choose a slot, or give both times." in page
    assert not Request.objects.exists()


def test_others_that_are_approved_for_the_slot_are_told(fleet: Fleet) -> None:
    add(fleet, Kind.WINDOW, -HOUR, 9 * HOUR, rule="FREQ=DAILY")
    fleet.approved("web01", "wes", "ivy")
    page = opened(fleet, "ana", new(fleet))
    assert "1 more approved on the managed system, 4 run at once" in page
