"""How the fleet stood at a moment of the past: levels as looks had found them, faults as they were known."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Q

from inventory.compliance.severity import Severity
from inventory.models import ExposureSpan
from liveupdate.models import Snapshot
from liveupdate.reports.document import (
    Chart,
    ChartKind,
    Column,
    ColumnType,
    Evidence,
    EvidenceKind,
    Figure,
    Row,
    Section,
    Series,
    Share,
    Table,
)
from liveupdate.reports.exposures import excepted_on
from liveupdate.reports.inventory_then import LparThen
from liveupdate.reports.source import Source
from portal.lib.clock import rfc3339

LPARS = (
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("team", "Team"),
    Column("environment", "Environment"),
    Column("level", "Level", ColumnType.LEVEL),
    Column("seen_at", "As found", ColumnType.TIME),
    *(Column(severity.value, severity.value.capitalize(), ColumnType.NUMBER) for severity in Severity),
    Column("excepted", "Excepted", ColumnType.YES_NO),
)
FAULTS = (
    Column("apar", "Fault"),
    Column("severity", "Severity"),
    Column("issued_on", "Published", ColumnType.DATE),
    Column("open", "LPARs that have it", ColumnType.SHARE),
)
ABOUT = (
    "Which level each LPAR ran, by the newest look before the end of the period, and which of IBM's known "
    "faults it had then. An LPAR that no look had reached is unknown, never compliant."
)
Faults = Mapping[int, Sequence[ExposureSpan]]


def section(source: Source) -> Section:
    """Every LPAR in service at the end of the period, with its level and its open faults."""
    lpars = _lpars(source)
    seen, faults = _snapshots(source), _faults(source)
    excepted = excepted_on(source.last_day, (lpar.pk for lpar in lpars))
    known = [lpar for lpar in lpars if lpar.pk in seen]
    exposed = [lpar for lpar in known if faults.get(lpar.pk)]
    levels = Counter(seen[lpar.pk].level for lpar in known)
    of = "LPARs in service at the end of the period"
    return Section(
        8,
        "fleet",
        "Fleet at the end of the period",
        ABOUT,
        figures=(
            Figure("fleet.lpars", "LPARs", len(lpars), denominator=of),
            Figure(
                "fleet.known", "Whose level is known", Share(len(known), len(lpars)), ColumnType.SHARE, of
            ),
            Figure(
                "fleet.exposed",
                "With a known fault",
                Share(len(exposed), len(known)),
                ColumnType.SHARE,
                "LPARs whose level is known",
            ),
            Figure("fleet.faults", "Open faults", sum(map(len, faults.values())), denominator="per LPAR"),
        ),
        tables=(
            Table(
                "fleet.lpars",
                "LPARs",
                LPARS,
                tuple(_row(lpar, seen.get(lpar.pk), faults, lpar.pk in excepted) for lpar in lpars),
                of,
            ),
            Table(
                "fleet.faults",
                "Faults",
                FAULTS,
                _by_fault(faults, len(known)),
                "faults that an LPAR had then",
            ),
        ),
        charts=(
            Chart(
                "fleet.levels",
                "LPARs by level",
                ChartKind.BARS,
                tuple(sorted(levels, reverse=True)),
                (Series("LPARs", tuple(levels[level] for level in sorted(levels, reverse=True))),),
                denominator="LPARs whose level is known",
            ),
        ),
    )


def _lpars(source: Source) -> list[LparThen]:
    return [lpar for lpar in source.inventory.lpars.values() if not lpar.retired]


def _snapshots(source: Source) -> dict[int, Snapshot]:
    """The newest look at each LPAR by then; snapshots are never changed."""
    rows = Snapshot.objects.filter(taken_at__lt=source.cut).order_by("taken_at", "pk")
    return {each.lpar_id: each for each in rows.iterator(chunk_size=2_000)}


def _faults(source: Source) -> Faults:
    then = Q(ended_at=None) | Q(ended_at__gte=source.cut)
    found: dict[int, list[ExposureSpan]] = defaultdict(list)
    for span in ExposureSpan.objects.filter(then, found_at__lt=source.cut).order_by("apar"):
        if span.lpar_id in source.inventory.lpars:
            found[span.lpar_id].append(span)
    return found


def _row(lpar: LparThen, seen: Snapshot | None, faults: Faults, excepted: bool) -> Row:
    by_severity = Counter(span.severity for span in faults.get(lpar.pk, ()))
    cells = (
        lpar.name,
        lpar.team,
        lpar.environment,
        seen.level if seen else None,
        rfc3339(seen.taken_at) if seen else "",
        *(by_severity[severity.value] if seen else None for severity in Severity),
        excepted,
    )
    return Row(cells, (Evidence(EvidenceKind.LPAR, str(lpar.pk), lpar.name),))


def _by_fault(faults: Faults, known: int) -> tuple[Row, ...]:
    lpars = Counter(span.apar for spans in faults.values() for span in spans)
    one = {span.apar: span for spans in faults.values() for span in spans}
    ranked = sorted(lpars, key=lambda apar: (-lpars[apar], apar))
    return tuple(
        Row((apar, one[apar].severity, _day(one[apar]), Share(lpars[apar], max(known, lpars[apar]))))
        for apar in ranked
    )


def _day(span: ExposureSpan) -> str:
    return span.issued_on.isoformat() if span.issued_on else ""
