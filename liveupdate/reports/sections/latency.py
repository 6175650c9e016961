"""Section 8: how long faults stayed, against the deadlines of the site."""

from collections.abc import Iterable

from inventory.compliance.severity import Severity
from liveupdate.bundle.verifier.statistics import months_between, percentile
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
from liveupdate.reports.exposures import Latencies, Span, excepted_on, latencies_of
from liveupdate.reports.source import Source

DAYS = ColumnType.DAYS
BY = (
    Column("cured", "Cured", ColumnType.NUMBER),
    Column("issued_p50", "Published to cured, p50", DAYS),
    Column("issued_p90", "p90", DAYS),
    Column("issued_max", "longest", DAYS),
    Column("found_p50", "Found to cured, p50", DAYS),
    Column("found_p90", "p90", DAYS),
    Column("found_max", "longest", DAYS),
    Column("in_time", "In time", ColumnType.SHARE),
    Column("open", "Open at the end", ColumnType.NUMBER),
    Column("overdue", "Of these overdue", ColumnType.NUMBER),
)
OVERDUE = (
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("team", "Team"),
    Column("apar", "Fault"),
    Column("severity", "Severity"),
    Column("issued_on", "Published", ColumnType.DATE),
    Column("age", "Age", DAYS),
    Column("allowed", "Allowed", DAYS),
    Column("excepted", "Excepted", ColumnType.YES_NO),
)


def section(source: Source) -> Section:
    """Per severity and team: how fast faults were cured, how many in time, and what is overdue."""
    told = latencies_of(source)
    spans = [*told.cured, *told.still_open]
    teams = sorted({each.team for each in spans})
    excepted = excepted_on(told.day, (each.lpar_id for each in told.overdue))
    in_time = sum(each.in_time for each in told.cured)
    unexcused = sum(each.lpar_id not in excepted for each in told.overdue)
    days = ", ".join(f"{severity.value} {each}" for severity, each in told.days.items())
    by_severity = tuple(
        _row(told, each.value, [span for span in spans if span.severity is each]) for each in Severity
    )
    by_team = tuple(_row(told, team, [span for span in spans if span.team == team]) for team in teams)
    return Section(
        8,
        "latency",
        "Patch latency",
        "How long LPARs had faults of IBM's list: from the day that IBM published them, and from the look "
        f"that found them. Deadlines in days after publication (version {told.version}): {days}.",
        figures=(
            Figure(
                "latency.cured", "Faults cured", len(told.cured), denominator="per LPAR, ended in the period"
            ),
            Figure(
                "latency.in_time",
                "In time",
                Share(in_time, len(told.cured)),
                ColumnType.SHARE,
                "faults cured",
            ),
            Figure("latency.open", "Open at the end", len(told.still_open)),
            Figure("latency.overdue", "Overdue", len(told.overdue), denominator="faults open at the end"),
            Figure("latency.unexcused", "Overdue without an exception", unexcused, must_be=0),
        ),
        tables=(
            Table("latency.severity", "By severity", (Column("severity", "Severity"), *BY), by_severity),
            Table("latency.team", "By team", (Column("team", "Team"), *BY), by_team),
            Table(
                "latency.overdue",
                "Overdue",
                OVERDUE,
                tuple(_overdue(told, each, each.lpar_id in excepted) for each in told.overdue),
                "faults open at the end of the period, the longest overdue first",
                "Nothing is overdue.",
            ),
        ),
        charts=(_trend(source, told),),
        notes=(
            "Percentiles are the value at the nearest rank: the smallest that so many of 100 do not exceed.",
            "Faults of which IBM gave no day of publication count from when they were found.",
        ),
    )


def _row(told: Latencies, title: str, spans: list[Span]) -> Row:
    cured = [each for each in spans if each.cured_at is not None]
    still_open = [each for each in spans if each.cured_at is None]
    return Row(
        (
            title,
            len(cured),
            *_spread(each.since_issued for each in cured),
            *_spread(each.since_found for each in cured),
            Share(sum(each.in_time for each in cured), len(cured)),
            len(still_open),
            sum(each.age(told.day) > each.allowed for each in still_open),
        )
    )


def _spread(values: Iterable[int | None]) -> tuple[int | None, ...]:
    ordered = sorted(each for each in values if each is not None)
    return percentile(ordered, 50), percentile(ordered, 90), ordered[-1] if ordered else None


def _overdue(told: Latencies, span: Span, excepted: bool) -> Row:
    issued = span.issued_on.isoformat() if span.issued_on else ""
    cells = (
        span.lpar,
        span.team,
        span.apar,
        span.severity.value,
        issued,
        span.age(told.day),
        span.allowed,
        excepted,
    )
    return Row(cells, (Evidence(EvidenceKind.LPAR, str(span.lpar_id), span.lpar),))


def _trend(source: Source, told: Latencies) -> Chart:
    months = months_between(source.period.begin.date(), source.last_day)
    cured = dict.fromkeys(months, 0)
    late = dict.fromkeys(months, 0)
    for each in told.cured:
        assert each.cured_at is not None
        counts = cured if each.in_time else late
        counts[f"{each.cured_at:%Y-%m}"] += 1
    return Chart(
        "latency.trend",
        "Faults cured by month",
        ChartKind.STACKED,
        tuple(months),
        (Series("in time", tuple(cured.values())), Series("late", tuple(late.values()))),
        denominator="faults cured in the period, per LPAR",
    )
