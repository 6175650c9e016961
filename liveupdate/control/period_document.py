"""A period as the ledger and the database hold it: plain values, the same for the same period."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from liveupdate.control.calendar import LONGEST, Kind, Period, Scope
from liveupdate.control.recurrence import read_rule, zone_named
from portal.lib.errors import Invalid

WALL = "%Y-%m-%dT%H:%M"
NAME_LENGTH = 80
SCOPE = ("team", "environment", "application", "lpar")


def document_of(period: Period) -> dict[str, Any]:
    """What is said of a period."""
    return {
        "kind": period.kind.value,
        "name": period.name,
        **{name: getattr(period.scope, name) for name in SCOPE},
        "zone": period.zone.key,
        "first": period.first.strftime(WALL),
        "minutes": period.minutes,
        "rule": period.rule,
        "but": sorted(day.isoformat() for day in period.but),
    }


def period_of(document: Mapping[str, Any]) -> Period:
    """The period that a document of `document_of` speaks of."""
    return Period(
        kind=Kind(document["kind"]),
        name=document["name"],
        scope=Scope(**{name: document[name] for name in SCOPE}),
        zone=ZoneInfo(document["zone"]),
        first=datetime.fromisoformat(document["first"]),
        minutes=document["minutes"],
        rule=document["rule"],
        but=frozenset(date.fromisoformat(day) for day in document["but"]),
    )


def read_period(
    kind: Kind,
    name: str,
    scope: Scope,
    *,
    zone: str,
    first: datetime,
    last: datetime,
    rule: str,
    but: frozenset[date],
) -> Period:
    """A period as somebody says it; `first` and `last` are its first begin and end, naive, by the clock of
    `zone`. Raises Invalid with what is wrong.
    """
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise Invalid(f"A {kind} needs a name of at most {NAME_LENGTH} characters.", code="name_not_possible")
    known = zone_named(zone)
    first, last = (each.replace(second=0, microsecond=0, tzinfo=None) for each in (first, last))
    minutes = (last - first).total_seconds() // 60
    longest = LONGEST[kind]
    if not 0 < minutes <= longest.total_seconds() // 60:
        raise Invalid(
            f"The {kind} “{name}” has to end after it begins, and within {longest.days} days.",
            remedy="Give its first begin and its first end; the recurrence repeats both.",
            code="period_not_possible",
        )
    return Period(kind, name, scope, known, first, int(minutes), read_rule(rule, first, known), but)
