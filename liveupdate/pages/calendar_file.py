"""A team's calendar as an iCalendar file: its windows and freezes, what it asked for, and its runs."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from liveupdate.control.ical import Planned, calendar_text
from liveupdate.models import Request
from liveupdate.pages.calendar import SHOWN_STATES
from liveupdate.records.periods import current_periods
from portal.access.models import Team
from portal.lib.clock import now

PAST = timedelta(days=30)
MOST = 1_000


def file_of(team: Team | None, absolute: Callable[[str], str]) -> bytes:
    """Everybody's windows and freezes, a team's own, and its requests of 30 days and later; without a team
    those of all teams. `absolute` makes an address of a path.
    """
    rows = [row for row in current_periods() if team is None or _concerns(row.team_id, row.lpar, team.pk)]
    periods = [(f"{row.uid}@liveupdate", row.written_at, row.period) for row in rows]
    return calendar_text(f"Live Update: {team or 'all teams'}", periods, _planned(team, absolute))


def _concerns(owner: int | None, lpar: object, team: int) -> bool:
    return owner in (None, team) and (lpar is None or getattr(lpar, "team_id", None) == team)


def _planned(team: Team | None, absolute: Callable[[str], str]) -> Iterator[Planned]:
    requests = Request.objects.filter(state__in=SHOWN_STATES, ends_at__gt=now() - PAST)
    requests = requests.filter(team=team) if team else requests
    rows = requests.select_related("lpar__host", "run").defer("findings").order_by("starts_at", "pk")
    for row in rows[:MOST]:
        run = getattr(row, "run", None)
        span = (row.starts_at, row.ends_at)
        if run is not None and run.started_at:
            span = (run.started_at, run.ended_at or max(row.ends_at, run.started_at))
        summary = f"{row.lpar}: {row.what} ({run.state if run else row.state})"
        uid, address = f"{row.number}@liveupdate", absolute(row.get_absolute_url())
        yield Planned(uid, span, summary, address, row.updated_at)
