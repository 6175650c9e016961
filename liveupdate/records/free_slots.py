"""The next times at which one LPAR can be updated, as the form of a request offers them."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from inventory.models import Lpar
from liveupdate.control.calendar import Calendar, Kind, effective, slots
from liveupdate.control.durations import Expected
from liveupdate.control.fitting import Asked, why_no_slot
from liveupdate.control.reasons import Reason
from liveupdate.control.spans import Span
from liveupdate.records.durations import expected_for
from liveupdate.records.periods import calendar_now, place_of
from liveupdate.records.surrogates import approved_on
from portal.lib.clock import now

OFFERED = 5


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A span that is free for an LPAR, in which `others` are approved beside it on its managed system."""

    span: Span
    others: int
    most: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What the calendar has for an LPAR: free slots where windows are set for it, and what holds now."""

    expected: Expected
    slots: tuple[FreeSlot, ...]
    reasons: tuple[Reason, ...]
    calendar: Calendar


def offer_for(lpar: Lpar, procedure: str) -> Offer:
    """The next free slots of an LPAR for a procedure; none where no window is set, for then any time goes."""
    place, at = place_of(lpar), now().replace(second=0, microsecond=0)
    own = calendar_now().about(place)
    expected = expected_for(lpar, procedure)
    found = slots(own, place, at, expected.needs, count=OFFERED) if own.of(Kind.WINDOW) else []
    approved = list(approved_on(lpar.managed_system_id).exclude(lpar=lpar)) if found else []
    offered = tuple(
        FreeSlot(
            (begin, end),
            sum(each.starts_at < end and each.ends_at > begin for each in approved),
            settings.PORTAL_RUNS_PER_SYSTEM,
        )
        for begin, end in found
    )
    return Offer(expected, offered, effective(own, place, at).reasons, own)


def why_no_time(lpar: Lpar, procedure: str, starts_at: datetime, ends_at: datetime) -> Reason | None:
    """Why a change window that somebody asks for has no moment at which the run could start, or None."""
    asked = Asked(place_of(lpar), (starts_at, ends_at), expected_for(lpar, procedure))
    return why_no_slot(calendar_now(), asked, now())
