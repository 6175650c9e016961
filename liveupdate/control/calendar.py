"""The calendar: when a Live Update may start and must have ended, and why not now.

*Windows* allow, *freezes* deny, and a freeze wins over every window. Where no window speaks of an LPAR,
any time is allowed that is not frozen. Windows of several owners narrow each other: one of each owner's
must be open, so a team's windows never widen those that were made for everybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from liveupdate.control.reasons import Reason
from liveupdate.control.recurrence import begins_between, first_shown, last_shown, shown_at
from liveupdate.control.spans import Span, common, joined, without

HORIZONS = (timedelta(days=15), timedelta(days=100), timedelta(days=400))
"""How far a slot is looked for: near first, for that is where it mostly is."""
DAY = timedelta(days=1)
LONGEST = {"window": timedelta(days=31), "freeze": timedelta(days=366)}


class Kind(StrEnum):
    """What a period does."""

    WINDOW = "window"
    FREEZE = "freeze"


@dataclass(frozen=True, slots=True)
class Place:
    """An LPAR as the calendar sees it: by name, the slug of its team, its environment and application."""

    lpar: str
    team: str
    environment: str = ""
    application: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a period speaks of: those to whom all that is named applies; nothing named is everything."""

    team: str = ""
    environment: str = ""
    application: str = ""
    lpar: str = ""

    def covers(self, place: Place) -> bool:
        """Whether it speaks of an LPAR. Upper and lower case of environments and applications are one."""
        named = (
            (self.team, place.team),
            (self.environment.casefold(), place.environment.casefold()),
            (self.application.casefold(), place.application.casefold()),
            (self.lpar, place.lpar),
        )
        return all(wanted in ("", own) for wanted, own in named)

    def __str__(self) -> str:
        words = (("LPAR", self.lpar), ("application", self.application), ("team", self.team))
        said = [f"{what} {name}" for what, name in words if name]
        return ", ".join([*said, *([self.environment] if self.environment else [])]) or "every LPAR"


@dataclass(frozen=True, slots=True)
class Period:
    """A change window or a freeze: once from `first` for `minutes`, or again by `rule` (RFC 5545 RRULE).

    `first` is naive and `minutes` count by the clock on the wall of `zone`: from 02:00 to 06:00 is four
    hours on every day, how long it lasts in the night when the clock changes. `but` are days on which it
    does not begin.
    """

    kind: Kind
    name: str
    scope: Scope
    zone: ZoneInfo
    first: datetime
    minutes: int
    rule: str = ""
    but: frozenset[date] = frozenset()

    def between(self, low: datetime, high: datetime) -> Iterator["Occurrence"]:
        """The times that it takes place which touch the time from `low` to `high`, in order.

        A window opens and ends when the clock first shows it; a freeze ends when the clock shows it for the
        last time. What the clock jumps over as a whole does not take place.
        """
        length = timedelta(minutes=self.minutes)
        early, late = shown_at(low, self.zone) - length - DAY, shown_at(high, self.zone) + DAY
        end_of = first_shown if self.kind is Kind.WINDOW else last_shown
        for wall in begins_between(self.first, self.rule, self.zone, self.but, low=early, high=late):
            begin, end = first_shown(wall, self.zone), end_of(wall + length, self.zone)
            if begin < end and begin < high and end > low:
                yield Occurrence(begin, end, self)

    def next_after(self, at: datetime, count: int = 5) -> list["Occurrence"]:
        """The next times that it takes place, one under way included."""
        for horizon in (*HORIZONS, timedelta(days=5 * 366)):
            found = list(self.between(at, at + horizon))
            if len(found) >= count or not self.rule:
                break
        return found[:count]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a period takes place, in UTC."""

    begin: datetime
    end: datetime
    period: Period

    @property
    def span(self) -> Span:
        """From when to when."""
        return self.begin, self.end


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds at a moment, with the reasons in words; `until` is when that changes, if it is known."""

    allowed: bool
    reasons: tuple[Reason, ...]
    until: datetime | None
    windows: tuple[Occurrence, ...] = ()
    freezes: tuple[Occurrence, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Every period that counts."""

    periods: tuple[Period, ...] = field(default_factory=tuple)

    def about(self, place: Place) -> "Calendar":
        """The periods that speak of one LPAR."""
        return Calendar(tuple(period for period in self.periods if period.scope.covers(place)))

    def of(self, kind: Kind) -> tuple[Period, ...]:
        """The windows, or the freezes."""
        return tuple(period for period in self.periods if period.kind is kind)

    @property
    def zone(self) -> ZoneInfo:
        """The zone that people speak of it in: of the first window, else of a freeze, else UTC."""
        shown = self.of(Kind.WINDOW) or self.periods
        return shown[0].zone if shown else ZoneInfo("UTC")

    def occurrences(self, kind: Kind, low: datetime, high: datetime) -> list[Occurrence]:
        """Every time that one of them takes place in a time, the earliest first."""
        found = [each for period in self.of(kind) for each in period.between(low, high)]
        return sorted(found, key=lambda each: (each.begin, each.end, each.period.name))

    def free(self, low: datetime, high: datetime) -> list[Span]:
        """The spans in which everything that applies allows a Live Update."""
        windows = self.occurrences(Kind.WINDOW, low, high)
        allowed: list[Span] = [(low, high)]
        for owner in {period.scope.team for period in self.of(Kind.WINDOW)}:
            own = joined(each.span for each in windows if each.period.scope.team == owner)
            allowed = common(allowed, own)
        return without(allowed, joined(each.span for each in self.occurrences(Kind.FREEZE, low, high)))


def slots(
    calendar: Calendar, place: Place, after: datetime, needs: timedelta, *, count: int = 1
) -> list[Span]:
    """The next spans, from `after` on, that are free for at least `needs`; the last may be cut short."""
    own = calendar.about(place)
    for horizon in HORIZONS:
        found = [span for span in own.free(after, after + horizon) if span[1] - span[0] >= needs]
        if len(found) >= count:
            break
    return found[:count]


def next_slot(calendar: Calendar, place: Place, after: datetime, needs: timedelta) -> Span | None:
    """The earliest span from `after` on that is free for at least `needs`; None within 400 days."""
    return next(iter(slots(calendar, place, after, needs)), None)


def effective(calendar: Calendar, place: Place, at: datetime) -> Effective:
    """Whether the calendar allows a Live Update at a moment, and why (deny wins)."""
    own = calendar.about(place)
    low, high = at, at + timedelta(microseconds=1)
    freezes = tuple(own.occurrences(Kind.FREEZE, low, high))
    windows = tuple(own.occurrences(Kind.WINDOW, low, high))
    allowed = bool(own.free(low, high))
    until = _changes_at(own, at, allowed)
    if freezes:
        reasons = tuple(frozen_by(each) for each in freezes)
    elif allowed:
        reasons = tuple(_open(each) for each in windows) or (_always(own, until),)
    else:
        reasons = (no_window(own, until),)
    return Effective(allowed, reasons, until, windows, freezes)


def frozen_by(freeze: Occurrence) -> Reason:
    """Why nothing starts during a freeze."""
    period = freeze.period
    return Reason(
        "frozen",
        f"The freeze “{period.name}” ({period.scope}) lasts until {in_words(freeze.end, period.zone)}.",
        until=freeze.end,
    )


def no_window(own: Calendar, until: datetime | None) -> Reason:
    """Why nothing starts while one owner's windows are all shut."""
    names = sorted({f"“{period.name}”" for period in own.of(Kind.WINDOW)})
    opens = f"The next slot opens {in_words(until, own.zone)}." if until else "None opens within 400 days."
    return Reason("no_window", f"No change window is open: {', '.join(names)}. {opens}", until=until)


def in_words(at: datetime, zone: ZoneInfo) -> str:
    """A moment by the clock of a zone, e.g. `Sun 29 Nov 2026 02:00 CET`."""
    return f"{at.astimezone(zone):%a %d %b %Y %H:%M %Z}"


def _open(window: Occurrence) -> Reason:
    period = window.period
    end = in_words(window.end, period.zone)
    return Reason("window_open", f"The change window “{period.name}” is open until {end}.", until=window.end)


def _always(own: Calendar, until: datetime | None) -> Reason:
    ends = f" A freeze begins {in_words(until, own.zone)}." if until else ""
    return Reason("no_window_applies", f"No change window is set for this LPAR: any time is allowed.{ends}")


def _changes_at(own: Calendar, at: datetime, allowed: bool) -> datetime | None:
    """When what holds now holds no longer, within the longest horizon."""
    for horizon in HORIZONS:
        spans = own.free(at, at + horizon)
        if allowed and spans and spans[0][1] < at + horizon:
            return spans[0][1]
        if not allowed and spans:
            return spans[0][0]
    return None
