"""When waves come, by what runs take and the calendar allows; also in nights when the clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from liveupdate.control.calendar import Calendar, Kind, Period, Place, Scope
from liveupdate.control.durations import Expected
from liveupdate.control.fitting import Asked
from liveupdate.control.forecast import Forecast, Member, forecast

HOUR, SOAK = timedelta(hours=1), timedelta(minutes=30)
RUN = Expected(timedelta(minutes=55), timedelta(minutes=15), "IBM's usual times")
START = datetime(2026, 11, 26, 20, tzinfo=UTC)
WEEK = (START, START + timedelta(days=7))


def member(name: str, wave: int, window: tuple[datetime, datetime] = WEEK, **more: object) -> Member:
    return Member(name, wave, Asked(Place(name, "payroll"), window, RUN), **more)  # type: ignore[arg-type]


def nightly(zone: str, first: datetime, hours: int) -> Period:
    return Period(Kind.WINDOW, "Night", Scope(), ZoneInfo(zone), first, hours * 60, "FREQ=DAILY")


def begins(found: Forecast) -> dict[str, str]:
    return {name: f"{begin:%d %H:%M}" for name, (begin, _) in found.spans.items()}


def test_waves_follow_with_their_soak() -> None:
    found = forecast(Calendar(), [member("a", 1), member("b", 2), member("c", 2)], SOAK, START)
    assert begins(found) == {"a": "26 20:00", "b": "26 21:25", "c": "26 21:25"}
    assert found.no_slot == {}


def test_what_began_counts_as_it_was_and_what_is_over_not_at_all() -> None:
    late = START + 3 * HOUR
    members = [
        member("a", 1, started_at=START, ended_at=START + HOUR, is_over=True),
        member("b", 1, started_at=START),
        member("gone", 2, is_over=True),
        member("c", 3),
    ]
    found = forecast(Calendar(), members, SOAK, late)
    assert found.spans["b"] == (START, late)
    assert begins(found) == {"a": "26 20:00", "b": "26 20:00", "c": "26 23:30"}


def test_a_wave_waits_for_the_next_night_when_too_little_is_left() -> None:
    calendar = Calendar((nightly("UTC", datetime(2026, 11, 26, 20), 2),))
    found = forecast(calendar, [member("a", 1), member("b", 2), member("c", 3)], SOAK, START)
    assert begins(found) == {"a": "26 20:00", "b": "27 20:00", "c": "28 20:00"}


@pytest.mark.parametrize(
    ("window", "code", "said"),
    [
        ((START, START + HOUR), "does_not_fit", "the next of the LPAR is Fri 27 Nov 2026 20:00 UTC."),
        ((START, START - HOUR), "too_late", "The next slot of the LPAR is Thu 26 Nov 2026 20:00 UTC."),
        (
            (START + 3 * HOUR, START + 9 * HOUR),
            "no_window",
            "the next of the LPAR is Fri 27 Nov 2026 20:00 UTC.",
        ),
    ],
)
def test_one_that_finds_no_time_says_when_it_would_and_holds_nobody_up(
    window: tuple[datetime, datetime], code: str, said: str
) -> None:
    calendar = Calendar((nightly("UTC", datetime(2026, 11, 26, 20), 2),))
    found = forecast(calendar, [member("a", 1, window), member("b", 2)], SOAK, START)
    assert begins(found) == {"b": "26 20:00"}
    assert (found.no_slot["a"].code, found.no_slot["a"].remedy.endswith(said)) == (code, True)


@pytest.mark.parametrize(
    ("zone", "night", "fitting"),
    [
        ("Europe/Berlin", datetime(2027, 3, 27, 23), 2),
        ("Europe/Berlin", datetime(2026, 10, 24, 23), 4),
        ("America/New_York", datetime(2027, 3, 13, 23), 2),
        ("America/New_York", datetime(2026, 10, 31, 23), 4),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 23), 3),
        ("Australia/Lord_Howe", datetime(2027, 4, 3, 23), 3),
        ("UTC", datetime(2027, 3, 27, 23), 3),
    ],
)
def test_as_many_waves_go_in_a_night_as_it_really_has_hours(zone: str, night: datetime, fitting: int) -> None:
    """A window from 23:00 to 03:54 lasts 4 h 54 min, an hour less in spring and one more in autumn (half an
    hour on Lord Howe); each wave needs 1 h 10 min, and the next is due 1 h 25 min after it began.
    """
    period = Period(Kind.WINDOW, "Night", Scope(), ZoneInfo(zone), night, 294, "FREQ=WEEKLY")
    begin = night.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    window = (begin, begin + timedelta(days=14))
    found = forecast(Calendar((period,)), [member(f"w{n}", n, window) for n in range(1, 7)], SOAK, begin)
    same_night = [name for name, (at, _) in found.spans.items() if at < begin + timedelta(days=1)]
    assert len(same_night) == fitting
    following = found.spans[f"w{fitting + 1}"][0]
    assert following.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == night + timedelta(days=7)
