"""Which LPARs looks have covered: what was not seen lately is unknown, never compliant (SI-2)."""

from datetime import timedelta

from django.db.models import Max

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
    counts = dict.fromkeys(("fresh", "stale", "never", "excluded"), 0)
    rows = []
    for lpar in source.inventory.lpars.values():
        day = seen.get(lpar.pk)
        fresh = day is not None and last - day <= STALE_AFTER
        state = "excluded" if lpar.retired else "fresh" if fresh else "stale" if day else "never"
        counts[state] += 1
        if state != "fresh":
            cells = (lpar.name, lpar.team, lpar.environment, state, day.isoformat() if day else "")
            rows.append(Row(cells, (Evidence(EvidenceKind.LPAR, str(lpar.pk), lpar.name),)))
    of = f"LPARs of the inventory then; lately are the last {STALE_AFTER.days} days"
    figures = (
        Figure("coverage.lpars", "LPARs in the inventory", sum(counts.values())),
        Figure("coverage.fresh", "Seen lately", counts["fresh"], denominator=of),
        Figure("coverage.stale", "Seen too long ago: unknown", counts["stale"], denominator=of, must_be=0),
        Figure("coverage.never", "Never seen: unknown", counts["never"], denominator=of, must_be=0),
        Figure("coverage.excluded", "Excluded: retired", counts["excluded"], denominator=of),
        Figure(
            "coverage.known_since",
            "Changes of the inventory are known since",
            source.inventory.known_since,
            ColumnType.TIME,
        ),
    )
    return figures, (
        Table(
            "coverage.not_covered",
            "LPARs of which nobody can tell",
            NOT_COVERED,
            tuple(rows),
            "LPARs of the inventory of that moment that were not seen lately, and those that were retired",
            "Every LPAR was seen lately.",
        ),
    )
