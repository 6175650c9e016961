"""The calendar as the tables and the ledger hold it. What decides starts is what the ledger bears out."""

from django.db.models import QuerySet

from inventory.models import Lpar
from liveupdate.control.calendar import Calendar, Kind, Place
from liveupdate.control.reasons import Reason
from liveupdate.models import StoredPeriod
from portal.audit.events import Event
from portal.audit.said import said_at_all

WRITTEN = {Kind.WINDOW: Event.WINDOW_CHANGE, Kind.FREEZE: Event.FREEZE_OPEN}
REMOVED = {Kind.WINDOW: Event.WINDOW_CHANGE, Kind.FREEZE: Event.FREEZE_CLOSE}
PERIOD_EVENTS = frozenset({*WRITTEN.values(), *REMOVED.values()})


def current_periods() -> QuerySet[StoredPeriod]:
    """The newest version of every window and freeze that is not removed."""
    return StoredPeriod.objects.current().select_related("team", "lpar__host", "written_by")


def calendar_now() -> Calendar:
    """The calendar by the tables."""
    return Calendar(tuple(row.period for row in current_periods()))


def place_of(lpar: Lpar) -> Place:
    """An LPAR as the calendar sees it."""
    return Place(lpar.name, lpar.team.slug, lpar.environment, lpar.application)


def calendar_entered() -> tuple[Calendar, Reason | None]:
    """The calendar, and why nothing may start by it: its rows are not what the ledger says.

    A freeze that somebody deletes from the table, or a window that somebody writes into it, starts nothing.
    """
    rows = list(current_periods())
    in_table = {row.uid: (row.version, row.document) for row in rows}
    newest: dict[str, tuple[int, dict[str, object]] | None] = {}
    for entry in said_at_all(PERIOD_EVENTS):
        data = entry["d"]
        stands = None if data["removed"] else (data["version"], data["document"])
        newest.setdefault(entry["sub"]["period"], stands)
    entered = {uid: said for uid, said in newest.items() if said is not None}
    calendar = Calendar(tuple(row.period for row in rows))
    if in_table == entered:
        return calendar, None
    return calendar, Reason(
        "calendar_altered",
        "The calendar in the database is not what was entered in the ledger.",
        "Have an auditor verify the ledger. After a change of SECRET_KEY, save windows and freezes again.",
    )
