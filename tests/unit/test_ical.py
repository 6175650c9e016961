"""iCalendar files: what is read from other calendars, and that what is written reads the same."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from liveupdate.control.calendar import Kind, Period, Scope
from liveupdate.control.ical import Imported, Planned, calendar_text, read_calendar
from portal.lib.errors import Invalid

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
PAYROLL = Scope(team="payroll")


def file(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Others//EN"]
    for number, event in enumerate(events, start=1):
        lines += ["BEGIN:VEVENT", f"UID:u{number}@example.com", *event.strip().splitlines(), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def read(*events: str, kind: Kind = Kind.WINDOW) -> list[Imported]:
    return read_calendar(file(*events), kind, PAYROLL, "Europe/Berlin")


def test_a_weekly_window_with_a_day_left_out() -> None:
    [found] = read("""
SUMMARY:Sunday  night
DTSTART;TZID=America/New_York:20261129T020000
DTEND;TZID=America/New_York:20261129T060000
RRULE:FREQ=WEEKLY;BYDAY=SU
EXDATE;TZID=America/New_York:20261227T020000
""")
    assert found.source == "u1@example.com"
    assert found.period == Period(
        Kind.WINDOW, "Sunday night", PAYROLL, ZoneInfo("America/New_York"),
        datetime(2026, 11, 29, 2), 240, "FREQ=WEEKLY;BYDAY=SU", frozenset({date(2026, 12, 27)}),
    )  # fmt: skip


def test_whole_days_utc_times_durations_and_categories() -> None:
    days, utc, short = read(
        "SUMMARY:Year end\nDTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20270102\nCATEGORIES:FREEZE",
        "SUMMARY:Backup\nDTSTART:20261129T010000Z\nDTEND:20261129T030000Z",
        "SUMMARY:Batch\nDTSTART:20261129T010000\nDURATION:PT90M",
    )
    assert (days.period.kind, days.period.zone.key) == (Kind.FREEZE, "Europe/Berlin")
    assert (days.period.first, days.period.minutes) == (datetime(2026, 12, 24), 9 * 1440)
    assert (utc.period.zone.key, utc.period.minutes) == ("UTC", 120)
    assert (short.period.zone.key, short.period.minutes) == ("Europe/Berlin", 90)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("SUMMARY:x\nDTSTART:20261129T010000Z\nDTEND:20261129T010000Z", "has to end after it begins"),
        ("SUMMARY:x\nDTSTART:20261129T010000Z\nDTEND:20261129T020000Z\nRRULE:FREQ=HOURLY", "FREQ is one of"),
        ("SUMMARY:x\nDTSTART:20261129T010000Z\nRDATE:20261130T010000Z", "holds RDATE"),
        ("DTSTART:20261129T010000Z\nDTEND:20261129T020000Z", "needs a name"),
        ("SUMMARY:x", "no begin"),
    ],
)
def test_events_that_are_none_are_named(event: str, why: str) -> None:
    good = "SUMMARY:Good\nDTSTART:20261129T010000Z\nDTEND:20261129T020000Z"
    with pytest.raises(Invalid, match=f"Event 2 .*{why}") as refused:
        read(good, event)
    assert "Nothing was imported" in refused.value.remedy


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"x" * 1_000_001]
)
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        read_calendar(content, Kind.WINDOW, PAYROLL, "UTC")


def test_what_is_written_reads_the_same() -> None:
    window = read(
        "SUMMARY:A\\, b\nDTSTART;TZID=Europe/Berlin:20261129T020000\nDURATION:PT4H\nRRULE:FREQ=WEEKLY"
    )
    freeze = read(
        "SUMMARY:Close\nDTSTART;TZID=Europe/Berlin:20261130T000000\nDURATION:PT48H\n"
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20271231T230000Z\nEXDATE;TZID=Europe/Berlin:20261231T000000",
        kind=Kind.FREEZE,
    )
    periods = [window[0].period, freeze[0].period]
    planned = Planned("R-000001@portal", (AT, AT), "pay01", "https://portal.example/requests/1/", AT)
    text = calendar_text("Payroll", [(f"p{n}", AT, period) for n, period in enumerate(periods)], [planned])
    assert b"BEGIN:VTIMEZONE" in text
    assert b"SUMMARY:pay01" in text
    only = calendar_text("Payroll", [(f"p{n}", AT, period) for n, period in enumerate(periods)], [])
    assert [each.period for each in read_calendar(only, Kind.WINDOW, PAYROLL, "UTC")] == periods
