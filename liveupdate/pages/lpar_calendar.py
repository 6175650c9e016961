"""What the calendar says of one LPAR: what holds now, its windows and freezes, its next slot."""

from dataclasses import dataclass

from inventory.models import Lpar
from liveupdate.actions.periods import visible_periods
from liveupdate.control.calendar import Effective, Kind, effective, next_slot
from liveupdate.control.durations import Expected
from liveupdate.control.spans import Span
from liveupdate.pages.periods import PeriodRow, row_of
from liveupdate.records.durations import expected_for
from liveupdate.records.periods import calendar_now, place_of
from liveupdate.records.subjects import LOCAL_LIVE_UPDATE
from portal.access.models import User
from portal.lib.clock import now


@dataclass(frozen=True, slots=True)
class LparCalendar:
    """`state` is the badge for what holds now; `slot` is the next time for a Live Update, None without any.

    `any_time`: no window speaks of the LPAR, and nothing is frozen. `windows` and `freezes` are those about
    it that the person may see, with their next times.
    """

    now: Effective
    state: str
    slot: Span | None
    any_time: bool
    expected: Expected
    windows: tuple[PeriodRow, ...]
    freezes: tuple[PeriodRow, ...]


def calendar_of(lpar: Lpar, person: User) -> LparCalendar:
    """The panel of an LPAR's page."""
    at, place, calendar = now(), place_of(lpar), calendar_now()
    expected = expected_for(lpar, LOCAL_LIVE_UPDATE)
    holds = effective(calendar, place, at)
    rows = [row_of(row, at) for row in visible_periods(person) if row.period.scope.covers(place)]
    return LparCalendar(
        now=holds,
        state=holds.reasons[0].code,
        slot=next_slot(calendar, place, at, expected.needs),
        any_time=not calendar.about(place).periods,
        expected=expected,
        windows=tuple(row for row in rows if row.stored.kind == Kind.WINDOW and row.times),
        freezes=tuple(row for row in rows if row.stored.kind == Kind.FREEZE and row.times),
    )
