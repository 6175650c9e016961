"""The next times at which one LPAR can be updated, as the form of a request offers them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from inventory.models import Lpar
from liveupdate.control.calendar import Kind, slots
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
    """The next free slots of an LPAR, and how long the run is expected to take."""

    expected: Expected
    slots: tuple[FreeSlot, ...]
    zone: ZoneInfo


def offer_for(lpar: Lpar, procedure: str) -> Offer | None:
    """The next free slots of an LPAR for a procedure; None where no window is set, for then any time goes,
    or where none has a slot.
    """
    place, at = place_of(lpar), now().replace(second=0, microsecond=0)
    own = calendar_now().about(place)
    if not own.of(Kind.WINDOW):
        return None
    expected = expected_for(lpar, procedure)
    found = slots(own, place, at, expected.needs, count=OFFERED)
    approved = list(approved_on(lpar.managed_system_id).exclude(lpar=lpar)) if found else []
    offered = tuple(
        FreeSlot(
            (begin, end),
            sum(each.starts_at < end and each.ends_at > begin for each in approved),
            settings.PORTAL_RUNS_PER_SYSTEM,
        )
        for begin, end in found
    )
    return Offer(expected, offered, own.zone) if offered else None


def why_no_time(lpar: Lpar, procedure: str, starts_at: datetime, ends_at: datetime) -> Reason | None:
    """Why a change window that somebody asks for has no moment at which the run could start, or None."""
    asked = Asked(place_of(lpar), (starts_at, ends_at), expected_for(lpar, procedure))
    return why_no_slot(calendar_now(), asked, now())
