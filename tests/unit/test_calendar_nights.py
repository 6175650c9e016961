"""Windows and freezes by the clock on the wall, against a walk through every minute of the night."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveupdate.control.calendar import Calendar, Kind, Period, Place, Scope, effective

MINUTE = timedelta(minutes=1)
NIGHTS = {
    ("Europe/Berlin", "spring"): datetime(2027, 3, 28),
    ("Europe/Berlin", "autumn"): datetime(2026, 10, 25),
    ("America/New_York", "spring"): datetime(2027, 3, 14),
    ("America/New_York", "autumn"): datetime(2026, 11, 1),
    ("Australia/Lord_Howe", "spring"): datetime(2026, 10, 4),
    ("Australia/Lord_Howe", "autumn"): datetime(2027, 4, 4),
    ("Europe/Berlin", "ordinary"): datetime(2026, 11, 29),
}
SEEN: Counter[str] = Counter()


def walk(zone: ZoneInfo, night: datetime) -> list[tuple[datetime, datetime]]:
    """Every minute around a night, in UTC and as the clock on the wall shows it."""
    begin = (night - timedelta(hours=30)).replace(tzinfo=UTC)
    return [
        (at, at.astimezone(zone).replace(tzinfo=None, fold=0))
        for at in (begin + number * MINUTE for number in range(80 * 60))
    ]


WALKS = {(zone, night): walk(ZoneInfo(zone), day) for (zone, night), day in NIGHTS.items()}


def brute_force(minutes: list[tuple[datetime, datetime]], kind: Kind, begin: datetime, end: datetime):
    """From the first minute that shows the begin or later to the first (of a freeze: after the last) that
    does so for the end."""
    opens = next(at for at, wall in minutes if wall >= begin)
    if kind is Kind.WINDOW:
        return opens, next(at for at, wall in minutes if wall >= end)
    at, wall = next((at, wall) for at, wall in reversed(minutes) if wall <= end)
    return opens, at if wall == end else at + MINUTE


@settings(max_examples=1500)
@given(
    night=st.sampled_from(sorted(NIGHTS)),
    kind=st.sampled_from(list(Kind)),
    opens=st.integers(0, 5 * 60),
    minutes=st.integers(1, 8 * 60),
    weekly=st.booleans(),
)
def compare(night: tuple[str, str], kind: Kind, opens: int, minutes: int, weekly: bool) -> None:
    """One period on one night: the same span as by the walk, allowed exactly inside (a freeze: outside)."""
    zone, walked = ZoneInfo(night[0]), WALKS[night]
    begin = NIGHTS[night] + opens * MINUTE
    first = begin - timedelta(weeks=3) if weekly else begin
    period = Period(kind, "p", Scope(), zone, first, minutes, "FREQ=WEEKLY" if weekly else "")
    low, high = brute_force(walked, kind, begin, begin + minutes * MINUTE)
    found = [each.span for each in period.between(walked[0][0], walked[-1][0])]
    assert found == ([(low, high)] if low < high else [])
    calendar, place = Calendar((period,)), Place("pay01", "payroll")
    for at in (low - MINUTE, low, high - MINUTE, high):
        inside = low <= at < high
        assert effective(calendar, place, at).allowed is (inside is (kind is Kind.WINDOW)), at
        SEEN["moments asked"] += 1
    SEEN[" ".join(night)] += 1
    SEEN["swallowed by the gap"] += low >= high


@pytest.mark.deep
def test_what_is_open_is_what_the_clock_on_the_wall_shows(capsys: pytest.CaptureFixture[str]) -> None:
    compare()
    with capsys.disabled():
        print(f"\ncalendar nights against the walk: {dict(sorted(SEEN.items()))}")
    assert all(SEEN[" ".join(night)] > 20 for night in NIGHTS)
