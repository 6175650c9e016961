"""What another calendar would mean for the requests that wait: which could start no more, which again."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from liveupdate.control.calendar import Calendar
from liveupdate.control.fitting import why_no_slot
from liveupdate.control.reasons import Reason
from liveupdate.models import Request
from liveupdate.records.calendar_fit import asked_by_all
from liveupdate.states import RequestState

WAITING = (RequestState.PLANNING, RequestState.PLANNED, RequestState.SUBMITTED, RequestState.APPROVED)


@dataclass(frozen=True, slots=True)
class Consequence:
    """A request that is held by one calendar and not by the other; without `reason` it is free again."""

    request: Request
    reason: Reason | None


def consequences(
    requests: QuerySet[Request], before: Calendar, after: Calendar, at: datetime
) -> list[Consequence]:
    """What changes for those of `requests` that still wait for their start. Nothing is moved by it."""
    waiting = requests.filter(state__in=WAITING, ends_at__gt=at)
    rows = (
        waiting.select_related("lpar__host", "lpar__team", "team")
        .defer("findings")
        .order_by("starts_at", "pk")
    )
    found = []
    for request, asked in asked_by_all(rows):
        held, will = why_no_slot(before, asked, at), why_no_slot(after, asked, at)
        if (held is None) != (will is None):
            found.append(Consequence(request, will))
    return found


def held_ones(requests: QuerySet[Request], calendar: Calendar, at: datetime) -> list[Consequence]:
    """The approved requests that the calendar leaves no slot in their own change windows."""
    approved = requests.filter(state=RequestState.APPROVED, ends_at__gt=at)
    rows = (
        approved.select_related("lpar__host", "lpar__team", "team")
        .defer("findings")
        .order_by("starts_at", "pk")
    )
    reasons = ((request, why_no_slot(calendar, asked, at)) for request, asked in asked_by_all(rows))
    return [Consequence(request, reason) for request, reason in reasons if reason]
