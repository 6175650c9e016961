"""Which LPARs looks have covered: what was not seen lately is unknown, never compliant (SI-2)."""

from datetime import timedelta

from django.db.models import Max

from inventory.models import Lpar
from liveupdate.models import SeenDay
from liveupdate.reports.document import (
    Column,
    ColumnType,
    Evidence,
    EvidenceKind,
    Figure,
    Row,
    Table,
)
from liveupdate.reports.source import Source

STALE_AFTER = timedelta(days=7)
"""A look that is older than this at the period's end says nothing any more."""
NOT_COVERED = (
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("team", "Team"),
    Column("environment", "Environment"),
    Column("state", "Why", ColumnType.STATE),
    Column("seen_on", "Last seen", ColumnType.DATE),
)


def coverage_of(source: Source) -> tuple[tuple[Figure, ...], tuple[Table, ...]]:
    """How many LPARs were seen lately, are too long ago, were never seen, or are excluded; and which."""
    last = source.last_day
    seen = dict(SeenDay.objects.filter(day__lte=last).order_by().values_list("lpar").annotate(Max("day")))
    lpars = Lpar.objects.select_related("host", "team").order_by("host__name")
    if source.scope.team:
        lpars = lpars.filter(team__slug=source.scope.team)
    counts = dict.fromkeys(("fresh", "stale", "never", "excluded"), 0)
    rows = []
    for lpar in lpars.iterator(chunk_size=1_000):
        day = seen.get(lpar.pk)
        retired = lpar.retired_at is not None and lpar.retired_at <= source.cut
        fresh = day is not None and last - day <= STALE_AFTER
        state = "excluded" if retired else "fresh" if fresh else "stale" if day else "never"
        counts[state] += 1
        if state != "fresh":
            cells = (lpar.name, lpar.team.name, lpar.environment, state, day.isoformat() if day else "")
            rows.append(Row(cells, (Evidence(EvidenceKind.LPAR, str(lpar.pk), lpar.name),)))
    of = f"LPARs of the inventory; lately are the last {STALE_AFTER.days} days"
    figures = (
        Figure("coverage.lpars", "LPARs in the inventory", sum(counts.values())),
        Figure("coverage.fresh", "Seen lately", counts["fresh"], denominator=of),
        Figure("coverage.stale", "Seen too long ago: unknown", counts["stale"], denominator=of, must_be=0),
        Figure("coverage.never", "Never seen: unknown", counts["never"], denominator=of, must_be=0),
        Figure("coverage.excluded", "Excluded: retired", counts["excluded"], denominator=of),
    )
    return figures, (
        Table(
            "coverage.not_covered",
            "LPARs of which nobody can tell",
            NOT_COVERED,
            tuple(rows),
            "LPARs of the inventory as it is now that were not seen lately, and those that are retired",
            "Every LPAR was seen lately.",
        ),
    )
