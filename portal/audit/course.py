"""The ledger's entries as reports follow them: those that matter one by one, all others as sums.

A pruned entry counts in the sums alone.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q, QuerySet

from portal.audit.models import Entry, Intake

PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Sum:
    """So many entries of a kind in one run, with the places and times of the first and the last."""

    run: int
    event: str
    count: int
    first_seq: int
    last_seq: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Followed:
    """Which part of the ledger: its first `size` entries, and of those what touches a period."""

    size: int
    begin: datetime
    end: datetime

    def entries(self, events: Collection[str], always: Collection[str]) -> Iterator[tuple[int, bytes]]:
        """Place and bytes, in order, of entries of these kinds: those of the period, all of each request
        that anything was said of in it, and all that are `always` wanted."""
        spoken = self._period().exclude(request="").values("request")
        touched = Q(intake__at__gte=self.begin, intake__at__lt=self.end) | Q(intake__request__in=spoken)
        chosen = touched | Q(intake__event__in=list(always))
        rows = Entry.objects.filter(chosen, seq__lt=self.size, intake__event__in=list(events)).exclude(
            intake__content=b""
        )
        pairs = rows.order_by("seq").values_list("seq", "intake__content").iterator(chunk_size=PAGE)
        return ((seq, bytes(content)) for seq, content in pairs)

    def sums(self) -> Iterator[Sum]:
        """Of each run that was made in the period, its entries by kind."""
        runs = self._period().filter(event="run.queue").values("run")
        rows = Intake.objects.filter(run__in=runs, entry__seq__lt=self.size).order_by()
        grouped = rows.values_list("run", "event").annotate(
            Count("id"), Min("entry__seq"), Max("entry__seq"), Min("at"), Max("at")
        )
        return (Sum(*row) for row in grouped.iterator(chunk_size=PAGE))

    def of_runs(self, runs: Collection[int], events: Collection[str]) -> Iterator[tuple[int, bytes]]:
        """Place and bytes of the entries of some runs and kinds, in order."""
        rows = Entry.objects.filter(
            seq__lt=self.size, intake__run__in=list(runs), intake__event__in=list(events)
        ).exclude(intake__content=b"")
        pairs = rows.order_by("seq").values_list("seq", "intake__content").iterator(chunk_size=PAGE)
        return ((seq, bytes(content)) for seq, content in pairs)

    def by_type(self) -> dict[str, int]:
        """How many entries of each kind were made in the period."""
        rows = self._period().filter(entry__seq__lt=self.size).order_by()
        return dict(rows.values_list("event").annotate(Count("id")).order_by("event"))

    def placed(self) -> int:
        """How many entries really stand at the first `size` places."""
        return Entry.objects.filter(seq__lt=self.size).count()

    def _period(self) -> QuerySet[Intake]:
        return Intake.objects.filter(at__gte=self.begin, at__lt=self.end)
