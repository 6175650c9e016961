"""When a window or a freeze recurs, by the clock on the wall of its time zone (RFC 5545 RRULE and EXDATE)."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrule, rrulestr

from portal.lib.errors import Invalid

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST")
"""The parts of a rule that are understood: with them nothing takes place more than once a day."""
AGAIN_WITHIN = timedelta(days=5 * 366)
"""A rule that names no day for so long is a mistake."""
SECOND = timedelta(seconds=1)


def zone_named(name: str) -> ZoneInfo:
    """A time zone by its IANA name, e.g. `Europe/Berlin`. Raises Invalid."""
    if name not in available_timezones():
        raise Invalid(
            f"There is no time zone {name!r}.",
            remedy="Name it as IANA does, e.g. Europe/Berlin.",
            code="unknown_name",
        )
    return ZoneInfo(name)


def first_shown(wall: datetime, zone: tzinfo) -> datetime:
    """The first moment (UTC) at which the clock shows `wall` (naive), or jumps over it in spring."""
    early, late = _both(wall, zone)
    return early if early <= late else _jump(wall, zone, late, early)


def last_shown(wall: datetime, zone: tzinfo) -> datetime:
    """The last moment (UTC) at which the clock shows `wall` (naive), or jumps over it in spring."""
    early, late = _both(wall, zone)
    return late if early <= late else _jump(wall, zone, late, early)


def shown_at(at: datetime, zone: tzinfo) -> datetime:
    """What the clock on the wall shows, naive."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _both(wall: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """`wall` by the offset before a change of the clock nearby, and by the one after it."""
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return before, after


def _jump(wall: datetime, zone: tzinfo, low: datetime, high: datetime) -> datetime:
    """The moment between two at which the clock jumps over `wall`, to the second."""
    while high - low > SECOND:
        middle = low + (high - low) // 2
        if shown_at(middle, zone) < wall:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def read_rule(text: str, first: datetime, zone: tzinfo) -> str:
    """A recurrence rule in capitals; `first` is the first begin by the clock on the wall.

    Raises Invalid for a rule that is none, holds parts that are not understood, leaves out `first`, or
    names no day for years.
    """
    rule = text.strip().upper().removeprefix("RRULE:")
    if not rule:
        return ""
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    if strange := sorted(set(parts) - set(PARTS)):
        raise Invalid(
            f"The recurrence holds {', '.join(strange)}, which no calendar here understands.",
            remedy=f"Use {', '.join(PARTS)} only.",
            code="recurrence_not_possible",
        )
    if parts.get("FREQ") not in FREQUENCIES:
        raise Invalid(
            f"FREQ is one of {', '.join(FREQUENCIES)}.",
            remedy="For instance FREQ=WEEKLY;BYDAY=SU.",
            code="recurrence_not_possible",
        )
    if "BYMONTHDAY" in parts and parts["FREQ"] in ("DAILY", "WEEKLY"):
        raise Invalid(
            "Days of the month recur by FREQ=MONTHLY or FREQ=YEARLY.", code="recurrence_not_possible"
        )
    try:
        soon = _dates(rule, first, zone).between(first, first + AGAIN_WITHIN, inc=True)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Invalid(
            f"The recurrence {rule!r} is not one: {error}.", code="recurrence_not_possible"
        ) from error
    if not soon or soon[0] != first:
        raise Invalid(
            "The recurrence does not fall on the day that it is to begin on.",
            remedy=f"Begin on {soon[0]:%a %d %b %Y}." if soon else "Name a day that comes within five years.",
            code="recurrence_not_possible",
        )
    return rule


def begins_between(
    first: datetime, rule: str, zone: ZoneInfo, but: Collection[date], *, low: datetime, high: datetime
) -> tuple[datetime, ...]:
    """Every begin (naive, by the clock on the wall) from `low` to `high`; `but` are the days left out."""
    days = (low.date(), high.date() + timedelta(days=1))
    found = _begins(first, rule, zone, *days)
    return tuple(each for each in found if low <= each <= high and each.date() not in but)


@lru_cache(maxsize=2048)
def _begins(first: datetime, rule: str, zone: ZoneInfo, low: date, high: date) -> tuple[datetime, ...]:
    bounds = datetime.combine(low, time.min), datetime.combine(high, time.min)
    if not rule:
        return (first,) if bounds[0] <= first <= bounds[1] else ()
    return tuple(_dates(rule, first, zone).between(*bounds, inc=True))


def _dates(rule: str, first: datetime, zone: tzinfo) -> rrule:
    """The rule by the clock on the wall, to which an UNTIL in UTC is brought."""
    parts = rule.split(";")
    for number, part in enumerate(parts):
        name, _, value = part.partition("=")
        if name == "UNTIL" and value.endswith("Z"):
            until = datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            parts[number] = f"UNTIL={shown_at(until, zone):%Y%m%dT%H%M%S}"
        elif name == "UNTIL" and "T" not in value:
            parts[number] = f"{part}T235959"
    dates = rrulestr(";".join(parts), dtstart=first)
    assert isinstance(dates, rrule)
    return dates
