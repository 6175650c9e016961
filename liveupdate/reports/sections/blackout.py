"""The seconds in which workloads stood still, run by run, against what each might take (product.md U14)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from liveupdate.bundle.verifier.population import Course, RunCourse
from liveupdate.bundle.verifier.statistics import classes_of, months_between, percentile
from liveupdate.models import CampaignTarget
from liveupdate.reports.counting import counted
from liveupdate.reports.document import (
    Chart,
    ChartKind,
    Column,
    ColumnType,
    Figure,
    Row,
    Section,
    Series,
    Share,
    Table,
)
from liveupdate.reports.source import Source, evidence_of

BOUNDS_S = (5, 10, 20, 30, 60, 120, 300)
BUDGET_S = 60
"""Seconds that a blackout may take where no campaign says otherwise."""
MEASURED = "runs made in the period whose blackout was measured"
MILLISECONDS = ColumnType.MILLISECONDS
COLUMNS = (
    Column("run", "Run", ColumnType.RUN),
    Column("request", "Request", ColumnType.REQUEST),
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("team", "Team"),
    Column("state", "Ended", ColumnType.STATE),
    Column("began_at", "First command", ColumnType.TIME),
    Column("blackout", "Blackout", MILLISECONDS),
    Column("budget", "Budget", ColumnType.SECONDS),
    Column("within", "Within", ColumnType.YES_NO),
)
BY_LPAR = (
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("measured", "Measured", ColumnType.NUMBER),
    Column("p50", "Half are at most", MILLISECONDS),
    Column("longest", "The longest", MILLISECONDS),
    Column("within", "Within their budget", ColumnType.SHARE),
)


@dataclass(frozen=True, slots=True)
class Blackout:
    """One that was measured: by which run, how many milliseconds of how many seconds allowed."""

    course: Course
    run: RunCourse
    took_ms: int
    budget_s: int

    @property
    def within(self) -> bool:
        """Whether it kept to its budget."""
        return self.took_ms <= 1000 * self.budget_s


def section(source: Source) -> Section:
    """Each blackout with its budget, the longest first; how they spread, by LPAR and by month."""
    found = sorted(_blackouts(source), key=lambda each: (-each.took_ms, each.run.run))
    return Section(
        10,
        "blackout",
        "Blackout against budget",
        "Between the stop of the original and the start of the surrogate the workload stands still. The "
        "LPAR's own clock measures it; runs without Live Update have none.",
        figures=_figures(source, found),
        tables=(
            Table("blackout.runs", "Blackouts", COLUMNS, tuple(map(_row, found)), MEASURED),
            Table("blackout.lpars", "Blackouts by LPAR", BY_LPAR, tuple(_by_lpar(found)), MEASURED),
        ),
        charts=(_distribution(found), _by_month(source, found)),
        notes=(f"The budget is what the campaign of a run allows, else {BUDGET_S} s.",),
    )


def _blackouts(source: Source) -> Iterator[Blackout]:
    rows = CampaignTarget.objects.filter(request__run__isnull=False, campaign__blackout_s__gt=0)
    budgets = dict(rows.values_list("request__run", "campaign__blackout_s"))
    for course, run in source.runs():
        took = run.result.get("blackout_ms")
        if took is not None:
            yield Blackout(course, run, took, budgets.get(run.run, BUDGET_S))


def _figures(source: Source, found: list[Blackout]) -> tuple[Figure, ...]:
    lengths = (("p50", "Half are at most"), ("p90", "Nine of ten are at most"), ("max", "The longest"))
    return (
        counted(source, "blackout.measured", "Blackouts measured", "runs of the period"),
        Figure("blackout.within", "Within their budget", _share_within(found), ColumnType.SHARE, MEASURED),
        *(counted(source, f"blackout.{key}", title, MEASURED, type_=MILLISECONDS) for key, title in lengths),
    )


def _row(each: Blackout) -> Row:
    cells = (
        each.run.run,
        each.course.number,
        each.course.lpar,
        each.course.team,
        each.run.state,
        each.run.begun_at,
        each.took_ms,
        each.budget_s,
        each.within,
    )
    return Row(cells, evidence_of(each.course))


def _by_lpar(found: list[Blackout]) -> Iterator[Row]:
    of_lpar = defaultdict[str, list[Blackout]](list)
    for each in found:
        of_lpar[each.course.lpar].append(each)
    for lpar, its in sorted(of_lpar.items()):
        ordered = _lengths(its)
        yield Row((lpar, len(its), percentile(ordered, 50), ordered[-1], _share_within(its)))


def _distribution(found: list[Blackout]) -> Chart:
    return Chart(
        "blackout.distribution",
        "Blackouts by length",
        ChartKind.HISTOGRAM,
        (*(f"≤ {bound} s" for bound in BOUNDS_S), f"> {BOUNDS_S[-1]} s"),
        (Series("runs", tuple(classes_of(_lengths(found), [bound * 1000 for bound in BOUNDS_S]))),),
        denominator=MEASURED,
    )


def _by_month(source: Source, found: list[Blackout]) -> Chart:
    months = months_between(source.period.begin.date(), source.last_day)
    counts = {
        within: [sum(_month(each) == month for each in found if each.within is within) for month in months]
        for within in (True, False)
    }
    return Chart(
        "blackout.months",
        "Blackouts by the month of the run",
        ChartKind.STACKED,
        tuple(months),
        (Series("within budget", tuple(counts[True])), Series("over budget", tuple(counts[False]))),
        denominator=MEASURED,
    )


def _month(each: Blackout) -> str:
    return each.run.queued_at[:7]


def _share_within(found: list[Blackout]) -> Share:
    return Share(sum(each.within for each in found), len(found))


def _lengths(found: Iterable[Blackout]) -> list[int]:
    return sorted(each.took_ms for each in found)
