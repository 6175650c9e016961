"""Windows and freezes as iCalendar (RFC 5545): what other calendars say, and what they are told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from liveupdate.control.calendar import Kind, Period, Scope
from liveupdate.control.period_document import NAME_LENGTH, read_period
from liveupdate.control.spans import Span
from portal.lib.errors import Invalid

PRODUCT = "-//Live Update portal//calendar//EN"
MOST_BYTES, MOST_EVENTS = 1_000_000, 500
NOT_READ = ("RDATE", "RECURRENCE-ID", "EXRULE")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Imported:
    """A period from a calendar file; `source` is the UID of its event."""

    source: str
    period: Period


@dataclass(frozen=True, slots=True)
class Planned:
    """A request or a run as others' calendars show it."""

    uid: str
    span: Span
    summary: str
    address: str
    changed_at: datetime


def read_calendar(content: bytes, kind: Kind, scope: Scope, zone: str) -> list[Imported]:
    """Every event of a calendar file as a period for `scope`. Raises Invalid naming each that is none.

    An event with the category FREEZE or CHANGE WINDOW is that, any other is of `kind`. `zone` is the time
    zone of whole days and of times that name none.
    """
    if len(content) > MOST_BYTES:
        raise Invalid(f"The file has more than {MOST_BYTES // 1000:,} kB.", code="file_too_large")
    try:
        events = icalendar.Calendar.from_ical(content).walk("VEVENT")
    except (ValueError, KeyError, IndexError) as error:
        raise Invalid(
            f"The file is no iCalendar file: {error}.",
            remedy="Export it again as .ics.",
            code="file_not_readable",
        ) from error
    if not 0 < len(events) <= MOST_EVENTS:
        raise Invalid(
            f"The file holds {len(events)} events; 1 to {MOST_EVENTS} can be imported.",
            code="calendar_not_possible",
        )
    found, problems = [], []
    for number, event in enumerate(events, start=1):
        name = " ".join(str(event.get("SUMMARY", "")).split())
        try:
            found.append(_read_event(event, name, kind, scope, zone))
        except Invalid as error:
            problems.append(f"Event {number} “{name}”: {error.message}")
    if problems:
        raise Invalid(
            " ".join(problems[:20]),
            remedy="Nothing was imported; leave these out.",
            code="calendar_not_possible",
        )
    return found


def _read_event(event: Any, name: str, kind: Kind, scope: Scope, zone: str) -> Imported:
    if strange := [each for each in NOT_READ if each in event]:
        raise Invalid(
            f"It holds {', '.join(strange)}, which cannot be imported.", code="calendar_not_possible"
        )
    if "DTSTART" not in event or "UID" not in event:
        raise Invalid("It has no begin, or no UID.", code="calendar_not_possible")
    begin, end = event.decoded("DTSTART"), _end_of(event)
    first, key = _wall(begin, zone)
    last, end_key = _wall(end, zone)
    if end_key != key:
        last = end.astimezone(ZoneInfo(key)).replace(tzinfo=None)
    rules = event.get("RRULE", [])
    if isinstance(rules, list) and len(rules) > 1:
        raise Invalid("It has several rules.", code="calendar_not_possible")
    rule = rules.to_ical().decode() if rules else ""
    own = _kind_of(event) or kind
    period = read_period(
        own, name[:NAME_LENGTH], scope, zone=key, first=first, last=last, rule=rule, but=_but(event)
    )
    return Imported(str(event["UID"])[:200], period)


def _end_of(event: Any) -> Any:
    """DTEND, or what DTSTART and DURATION give; an event of a day without either lasts that day."""
    begin = event.decoded("DTSTART")
    if "DTEND" in event:
        return event.decoded("DTEND")
    if "DURATION" in event:
        return begin + event.decoded("DURATION")
    return begin + DAY if not isinstance(begin, datetime) else begin


def _wall(at: Any, zone: str) -> tuple[datetime, str]:
    """A value as the clock on the wall shows it, and the zone of that clock."""
    if not isinstance(at, datetime):
        return datetime.combine(at, time.min), zone
    if at.tzinfo is None:
        return at, zone
    if at.tzinfo is UTC or (at.utcoffset() == timedelta() and not getattr(at.tzinfo, "key", "")):
        return at.replace(tzinfo=None), "UTC"
    key = getattr(at.tzinfo, "key", "")
    if not key:
        raise Invalid(
            "Its time zone has no IANA name.",
            remedy="Name it as IANA does, e.g. Europe/Berlin.",
            code="calendar_not_possible",
        )
    return at.replace(tzinfo=None), str(key)


def _but(event: Any) -> frozenset[date]:
    values = event.get("EXDATE", [])
    lists = values if isinstance(values, list) else [values]
    days = [each.dt for one in lists for each in one.dts]
    return frozenset(day.date() if isinstance(day, datetime) else day for day in days)


def _kind_of(event: Any) -> Kind | None:
    said = event.get("CATEGORIES", [])
    lists = said if isinstance(said, list) else [said]
    words = {str(word).upper() for one in lists for word in getattr(one, "cats", [])}
    kinds = {"FREEZE": Kind.FREEZE, "CHANGE WINDOW": Kind.WINDOW}
    return next((kinds[word] for word in sorted(words) if word in kinds), None)


def calendar_text(
    name: str, periods: Iterable[tuple[str, datetime, Period]], planned: Iterable[Planned]
) -> bytes:
    """A calendar file of periods (uid, when written, period) and of what is planned."""
    calendar = icalendar.Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("X-WR-CALNAME", name)
    for uid, written_at, period in periods:
        calendar.add_component(_event_of(uid, written_at, period))
    for each in planned:
        event = icalendar.Event()
        event.add("UID", each.uid)
        event.add("DTSTAMP", each.changed_at)
        event.add("DTSTART", each.span[0].astimezone(UTC))
        event.add("DTEND", each.span[1].astimezone(UTC))
        event.add("SUMMARY", each.summary)
        event.add("URL", each.address)
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event_of(uid: str, written_at: datetime, period: Period) -> icalendar.Event:
    first = period.first.replace(tzinfo=period.zone)
    last = (period.first + timedelta(minutes=period.minutes)).replace(tzinfo=period.zone)
    event = icalendar.Event()
    event.add("UID", uid)
    event.add("DTSTAMP", written_at)
    event.add("DTSTART", first)
    event.add("DTEND", last)
    event.add("SUMMARY", period.name)
    event.add("DESCRIPTION", f"{period.kind.value.capitalize()} for {period.scope}")
    event.add("CATEGORIES", ["FREEZE" if period.kind is Kind.FREEZE else "CHANGE WINDOW"])
    event.add("TRANSP", "OPAQUE" if period.kind is Kind.FREEZE else "TRANSPARENT")
    if period.rule:
        event.add("RRULE", icalendar.vRecur.from_ical(period.rule))
    if period.but:
        days = sorted(period.but)
        event.add("EXDATE", [datetime.combine(day, first.timetz()) for day in days])
    return event
