"""Whether requests may start by the calendar, as the tables say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models.functions import Now

from liveupdate.control.durations import Expected, expected
from liveupdate.control.fitting import Asked, slot_within, why_no_slot, why_not_now
from liveupdate.control.reasons import Reason
from liveupdate.control.spans import Span
from liveupdate.models import Request
from liveupdate.records.durations import expected_for, past_runs, subject_for
from liveupdate.records.periods import calendar_entered, calendar_now, place_of
from portal.lib.clock import now

TO_BEGIN = timedelta(minutes=2)
"""What a worker may take from the start of a run to its first step."""


def asked_by(request: Request) -> Asked:
    """A request as the calendar sees it."""
    window = (request.starts_at, request.ends_at)
    return Asked(place_of(request.lpar), window, expected_for(request.lpar, request.procedure))


def asked_by_all(requests: Iterable[Request]) -> list[tuple[Request, Asked]]:
    """Several requests, with what all their runs are expected to take told at once."""
    rows = list(requests)
    past = past_runs({row.procedure for row in rows}, {row.lpar_id for row in rows})
    return [
        (
            row,
            Asked(
                place_of(row.lpar),
                (row.starts_at, row.ends_at),
                expected(subject_for(row.lpar, row.procedure), past),
            ),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Outlook:
    """When a request that waits can start: its slot, or why there is none, and what its run takes."""

    slot: Span | None
    reason: Reason | None
    expected: Expected


def outlook_of(request: Request) -> Outlook:
    """When a request can start, by the calendar as it is."""
    calendar, asked, at = calendar_now(), asked_by(request), now()
    slot = slot_within(calendar, asked, at)
    return Outlook(slot, None if slot else why_no_slot(calendar, asked, at), asked.expected)


def held_by_calendar(request: Request, at: datetime, margin: timedelta = timedelta()) -> Reason | None:
    """Why a request may not start at this time: its window, the calendar's, a freeze, or too little time.

    Asked in the transaction that starts it, and again in the one in which a worker begins, by the
    database's clock.
    """
    calendar, altered = calendar_entered()
    return altered or why_not_now(calendar, asked_by(request), at, margin)


def clock_of(request: Request) -> datetime:
    """The time by the database's clock."""
    return Request.objects.filter(pk=request.pk).annotate(clock=Now()).values_list("clock", flat=True).get()
