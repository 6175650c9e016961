"""The calendar, by week and by month."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.utils.timezone import get_current_timezone, localdate
from django.views.generic import TemplateView

from inventory.models import ManagedSystem
from inventory.policies import visible_lpars
from liveupdate.actions.periods import visible_periods
from liveupdate.pages.calendar import LANES, days_from, lanes_of
from liveupdate.policies import visible_requests
from liveupdate.records.consequences import held_ones
from liveupdate.records.demands import Frame, frames_of
from liveupdate.records.periods import calendar_entered
from liveupdate.views.periods import writes_somewhere
from portal.access.requests import person_of
from portal.lib.clock import now

LANES_SHOWN = 20
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


class CalendarView(TemplateView):
    """What is allowed, frozen, asked for and under way: lanes of a week's or a month's days."""

    template_name = "liveupdate/calendar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`lanes` on one page of them, the days, where one may go from here, and what the calendar holds."""
        person, at, zone = person_of(self.request), now(), get_current_timezone()
        month = self.request.GET.get("view") == "month"
        by = self.request.GET.get("by", "")
        by = by if by in LANES else "systems"
        first, count = _first_day(self._day(), month)
        days = days_from(first, count, zone, localdate())
        lpars = visible_lpars(person)
        names = lpars.order_by(LANES[by]).values_list(LANES[by], flat=True).distinct()
        page = Paginator(names, LANES_SHOWN).get_page(self.request.GET.get("page"))
        calendar, altered = calendar_entered()
        requests = visible_requests(person)
        return super().get_context_data(
            month=month,
            by=by,
            days=days,
            page=page,
            lanes=lanes_of(
                lpars,
                LANES[by],
                list(page),
                periods=visible_periods(person),
                requests=requests,
                days=days,
                at=at,
                frames=_frames(list(page), at) if by == "systems" and not month else None,
            ),
            before=(first - timedelta(days=1)).isoformat(),
            after=(first + timedelta(days=count)).isoformat(),
            first=first,
            last=first + timedelta(days=count - 1),
            held=held_ones(requests, calendar, at),
            altered=altered,
            zone=zone,
            may_write=writes_somewhere(person),
            **kwargs,
        )

    def _day(self) -> date:
        """The day that the address names, else today."""
        try:
            day = date.fromisoformat(self.request.GET.get("day", ""))
        except ValueError:
            return localdate()
        return min(max(day, EARLIEST), LATEST)


def _frames(names: list[str], at: datetime) -> dict[str, Frame]:
    systems = list(ManagedSystem.objects.filter(name__in=names))
    frames = frames_of(systems, at)
    return {system.name: frames[system.pk] for system in systems}


def _first_day(day: date, month: bool) -> tuple[date, int]:
    """The first of the days to show, and how many."""
    if month:
        return day.replace(day=1), monthrange(day.year, day.month)[1]
    return day - timedelta(days=day.weekday()), 7
