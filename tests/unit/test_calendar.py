"""The calendar: windows, freezes that win, slots, and the nights in which the clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from liveupdate.control.calendar import (
    Calendar,
    Kind,
    Period,
    Place,
    Scope,
    effective,
    next_slot,
    slots,
)
from liveupdate.control.recurrence import read_rule, zone_named
from portal.lib.errors import Invalid

BERLIN = ZoneInfo("Europe/Berlin")
PAY = Place("pay01", "payroll", "production", "Payroll")
WEB = Place("web01", "webshop", "test", "Shop")
HOUR = timedelta(hours=1)


def window(first: str = "2026-11-29T02:00", minutes: int = 240, rule: str = "FREQ=WEEKLY", **more) -> Period:
    values = {"kind": Kind.WINDOW, "name": "Sundays", "scope": Scope(), "zone": BERLIN, "but": frozenset()}
    return Period(first=datetime.fromisoformat(first), minutes=minutes, rule=rule, **(values | more))


def freeze(first: str, minutes: int, rule: str = "", **more) -> Period:
    return window(first, minutes, rule, **({"kind": Kind.FREEZE, "name": "Year end"} | more))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("scope", "place", "covered"),
    [
        (Scope(), WEB, True),
        (Scope(team="payroll"), PAY, True),
        (Scope(team="payroll"), WEB, False),
        (Scope(environment="Production"), PAY, True),
        (Scope(team="payroll", environment="test"), PAY, False),
        (Scope(application="shop"), WEB, True),
        (Scope(lpar="pay01"), PAY, True),
        (Scope(lpar="pay01"), WEB, False),
    ],
)
def test_whom_a_period_speaks_of(scope: Scope, place: Place, covered: bool) -> None:
    assert scope.covers(place) is covered


def test_a_scope_in_words() -> None:
    assert str(Scope()) == "every LPAR"
    assert str(Scope(team="payroll", environment="production")) == "team payroll, production"


def test_the_next_slot_of_a_weekly_window() -> None:
    calendar = Calendar((window(),))
    assert next_slot(calendar, PAY, utc("2026-11-25T12:00"), HOUR) == (
        utc("2026-11-29T01:00"),
        utc("2026-11-29T05:00"),
    )
    assert next_slot(calendar, PAY, utc("2026-11-29T04:00"), HOUR) == (
        utc("2026-11-29T04:00"),
        utc("2026-11-29T05:00"),
    )
    later = next_slot(calendar, PAY, utc("2026-11-29T04:00:01"), HOUR)
    assert later == (utc("2026-12-06T01:00"), utc("2026-12-06T05:00"))


def test_a_window_that_is_too_short_gives_no_slot() -> None:
    noon = Calendar((window("2026-11-29T12:00", 60),))
    assert next_slot(noon, PAY, utc("2026-11-25T12:00"), 2 * HOUR) is None


def test_the_hour_that_comes_twice_makes_a_window_longer() -> None:
    two_to_three = Calendar((window(minutes=60),))
    assert next_slot(two_to_three, PAY, utc("2026-11-25T12:00"), 2 * HOUR) == (
        utc("2027-10-31T00:00"),
        utc("2027-10-31T02:00"),
    )


def test_a_freeze_wins_over_every_window() -> None:
    calendar = Calendar((window(), freeze("2026-11-28T00:00", 3 * 1440, scope=Scope(lpar="pay01"))))
    now = effective(calendar, PAY, utc("2026-11-29T02:00"))
    assert (now.allowed, now.until) == (False, utc("2026-12-06T01:00"))
    assert [str(reason) for reason in now.reasons] == [
        "The freeze “Year end” (LPAR pay01) lasts until Tue 01 Dec 2026 00:00 CET."
    ]
    assert len(now.windows) == 1
    assert effective(calendar, WEB, utc("2026-11-29T02:00")).allowed


def test_a_freeze_in_a_window_cuts_it_in_two() -> None:
    calendar = Calendar((window(), freeze("2026-11-29T03:00", 60)))
    assert slots(calendar, PAY, utc("2026-11-25T00:00"), HOUR, count=2) == [
        (utc("2026-11-29T01:00"), utc("2026-11-29T02:00")),
        (utc("2026-11-29T03:00"), utc("2026-11-29T05:00")),
    ]
    assert next_slot(calendar, PAY, utc("2026-11-25T00:00"), 2 * HOUR) == (
        utc("2026-11-29T03:00"),
        utc("2026-11-29T05:00"),
    )


def test_windows_of_a_team_narrow_those_of_everybody_and_never_widen_them() -> None:
    team = window("2026-11-29T04:00", 600, name="Payroll", scope=Scope(team="payroll"))
    calendar = Calendar((window(), team))
    assert next_slot(calendar, PAY, utc("2026-11-25T00:00"), HOUR) == (
        utc("2026-11-29T03:00"),
        utc("2026-11-29T05:00"),
    )
    assert not effective(calendar, PAY, utc("2026-11-29T06:00")).allowed


def test_of_windows_of_one_owner_any_that_is_open_allows() -> None:
    other = window("2026-11-25T20:00", 120, name="Wednesdays", scope=Scope(lpar="pay01"))
    assert effective(Calendar((window(), other)), PAY, utc("2026-11-25T19:30")).allowed


def test_without_windows_anything_goes_that_is_not_frozen() -> None:
    at = utc("2026-11-25T12:00")
    free = effective(Calendar(), PAY, at)
    assert (free.allowed, free.until) == (True, None)
    soon = effective(Calendar((freeze("2026-12-20T00:00", 1440),)), PAY, at)
    assert (soon.allowed, soon.until) == (True, utc("2026-12-19T23:00"))
    assert "A freeze begins Sun 20 Dec 2026 00:00 CET" in str(soon.reasons[0])


def test_outside_every_window_it_says_when_the_next_opens() -> None:
    now = effective(Calendar((window(),)), PAY, utc("2026-11-25T12:00"))
    assert (now.allowed, now.reasons[0].code, now.until) == (False, "no_window", utc("2026-11-29T01:00"))
    assert str(now.reasons[0]) == (
        "No change window is open: “Sundays”. The next slot opens Sun 29 Nov 2026 02:00 CET."
    )
    over = window("2020-01-01T02:00", rule="")
    assert "None opens within 400 days." in str(effective(Calendar((over,)), PAY, now.until).reasons[0])


def test_days_that_are_left_out() -> None:
    calendar = Calendar((window(but=frozenset({date(2026, 11, 29)})),))
    found = next_slot(calendar, PAY, utc("2026-11-25T12:00"), HOUR)
    assert found is not None
    assert found[0] == utc("2026-12-06T01:00")


def test_leap_days_and_last_days_of_months() -> None:
    leap = window("2028-02-29T02:00", rule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")
    assert [each.begin.date() for each in leap.next_after(utc("2028-01-01T00:00"), 2)] == [
        date(2028, 2, 29),
        date(2032, 2, 29),
    ]
    last = window("2026-11-30T02:00", rule="FREQ=MONTHLY;BYMONTHDAY=-1")
    days = [each.begin.day for each in last.next_after(utc("2026-11-25T00:00"), 4)]
    assert days == [30, 31, 31, 28]


def test_until_in_utc_is_read_by_the_clock_of_the_zone() -> None:
    daily = window("2026-11-23T02:00", 60, "FREQ=DAILY;UNTIL=20261125T010000Z")
    assert [each.begin for each in daily.next_after(utc("2026-11-20T00:00"), 9)] == [
        utc("2026-11-23T01:00"),
        utc("2026-11-24T01:00"),
        utc("2026-11-25T01:00"),
    ]
    by_day = window("2026-11-23T02:00", 60, "FREQ=DAILY;UNTIL=20261124")
    assert len(by_day.next_after(utc("2026-11-20T00:00"), 9)) == 2


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("FREQ=HOURLY", "FREQ is one of"),
        ("BYDAY=SU", "FREQ is one of"),
        ("FREQ=WEEKLY;BYHOUR=3", "holds BYHOUR"),
        ("FREQ=WEEKLY;BYDAY=XX", "is not one"),
        ("FREQ=WEEKLY;COUNT=x", "is not one"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "Days of the month"),
        ("FREQ=WEEKLY;BYDAY=MO", "does not fall on the day"),
        ("FREQ=MONTHLY;BYSETPOS=9;BYDAY=SU", "does not fall on the day"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "does not fall on the day"),
    ],
)
def test_rules_that_are_refused(rule: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read_rule(rule, datetime(2026, 11, 29, 2), BERLIN)


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(Invalid, match="no time zone"):
        zone_named("Europe/Bielefeld")
