"""When people last signed in, and what the ledger says of its own health, for reports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max

from portal.audit.models import Entry, Intake
from portal.audit.queries import document


def last_sign_ins(size: int) -> dict[str, datetime]:
    """The newest `auth.ok` of each person among the first `size` entries."""
    rows = Intake.objects.filter(event="auth.ok", entry__seq__lt=size).order_by()
    return dict(rows.values_list("actor_id").annotate(Max("at")))


def entries_about(
    size: int, begin: datetime, end: datetime, events: Sequence[str], outcome: str = ""
) -> list[tuple[int, dict[str, Any]]]:
    """Place and document of the entries of some kinds that were made in a period, in order; with `outcome`
    of those that came out so."""
    rows = Entry.objects.filter(
        seq__lt=size, intake__event__in=events, intake__at__gte=begin, intake__at__lt=end
    )
    if outcome:
        rows = rows.filter(intake__outcome=outcome)
    return [(row.seq, document(row.intake)) for row in rows.select_related("intake").order_by("seq")]


def every_entry_of(event: str) -> list[tuple[int | None, dict[str, Any]]]:
    """Place and document of all entries of a kind, in order; those that nobody has placed yet come last."""
    rows = Intake.objects.filter(event=event).select_related("entry")
    told = [(row.entry.seq if hasattr(row, "entry") else None, row) for row in rows.order_by("pk")]
    told.sort(key=lambda each: (each[0] is None, each[0] or 0))
    return [(seq, document(row)) for seq, row in told]


def newest_about(size: int, event: str) -> tuple[int, dict[str, Any]] | None:
    """Place and document of the newest entry of a kind among the first `size`."""
    rows = Entry.objects.filter(seq__lt=size, intake__event=event).select_related("intake")
    row = rows.order_by("-seq").first()
    return None if row is None else (row.seq, document(row.intake))
