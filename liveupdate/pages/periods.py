"""Windows and freezes as pages show them: when they take place next, and what comes of a change."""

from dataclasses import dataclass
from datetime import datetime

from liveupdate.control.calendar import Occurrence, Period
from liveupdate.models import StoredPeriod
from liveupdate.records.consequences import Consequence

SHOWN = 5
RECURS = {
    "": "once",
    "FREQ=DAILY": "every day",
    "FREQ=WEEKLY": "every week",
    "FREQ=MONTHLY": "every month",
    "FREQ=YEARLY": "every year",
}


@dataclass(frozen=True, slots=True)
class Time:
    """One time that a period takes place: by its own clock, and as the moments that pages show."""

    occurrence: Occurrence
    begin: datetime
    end: datetime
    is_now: bool

    @property
    def words(self) -> str:
        """From when to when by the clock of its zone."""
        zone = self.occurrence.period.zone
        begin, end = self.begin.astimezone(zone), self.end.astimezone(zone)
        last = f"{end:%H:%M %Z}" if begin.date() == end.date() else f"{end:%a %d %b %H:%M %Z}"
        return f"{begin:%a %d %b %Y %H:%M} to {last}"

    @property
    def lasts(self) -> float:
        """Seconds from begin to end."""
        return (self.end - self.begin).total_seconds()


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A stored period with its next times."""

    stored: StoredPeriod
    period: Period
    times: list[Time]

    @property
    def recurs(self) -> str:
        """How often, in words where it is simple, else its rule."""
        return RECURS.get(self.stored.rule, self.stored.rule)

    @property
    def state(self) -> str:
        """What it does now: a window is open or shut, a freeze is in force or not; `over` for ever."""
        if not self.times:
            return "over"
        under_way = {"window": "window_open", "freeze": "frozen"}
        return under_way[self.stored.kind] if self.times[0].is_now else "later"


@dataclass(frozen=True, slots=True)
class Effects:
    """What a period would mean if it were saved."""

    period: Period
    consequences: list[Consequence]
    at: datetime

    @property
    def times(self) -> list[Time]:
        """When it takes place next."""
        return times_of(self.period, self.at)

    @property
    def held(self) -> list[Consequence]:
        """The requests that could start no more."""
        return [each for each in self.consequences if each.reason]

    @property
    def freed(self) -> list[Consequence]:
        """The requests that are held now, and could start."""
        return [each for each in self.consequences if not each.reason]


def row_of(stored: StoredPeriod, at: datetime) -> PeriodRow:
    """A stored period with its next times."""
    period = stored.period
    return PeriodRow(stored, period, times_of(period, at))


def times_of(period: Period, at: datetime) -> list[Time]:
    """The next times of a period, one that is under way first."""
    return [Time(each, each.begin, each.end, each.begin <= at) for each in period.next_after(at, SHOWN)]
