"""Section 10: runs that did not go well, with their cause, and how long blackouts were."""

from liveupdate.bundle.verifier.opening import Entry
from liveupdate.diagnosis.catalogue import SIGNATURES
from liveupdate.models import CampaignTarget
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
from liveupdate.reports.statistics import classes_of, percentile

NOT_WELL = frozenset(["failed", "aborted", "refused", "succeeded_with_residue", "not_over"])
COLUMNS = (
    Column("run", "Run", ColumnType.RUN),
    Column("request", "Request", ColumnType.REQUEST),
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("state", "Ended", ColumnType.STATE),
    Column("cause", "Cause"),
    Column("outcome", "In words"),
    Column("signed_off", "Signed off", ColumnType.YES_NO),
)
CAUSES = (Column("cause", "Cause"), Column("runs", "Runs", ColumnType.NUMBER))
BOUNDS_S = (5, 10, 20, 30, 60, 120, 300)
BUDGET_S = 60
"""Seconds that a blackout may take where no campaign says otherwise."""


def section(source: Source) -> Section:
    """Each run that failed, was stopped, or left something, and the distribution of blackouts."""
    rows, causes = [], dict[str, int]()
    for course, run in source.runs():
        if run.state not in NOT_WELL:
            continue
        cause = _cause(run.notes)
        if run.state == "failed":
            causes[cause or "no known cause"] = causes.get(cause or "no known cause", 0) + 1
        signed = any(kind == "run.sign_off" for kind, _ in run.notes)
        cells = (
            run.run,
            course.number,
            course.lpar,
            run.state,
            cause,
            str(run.result.get("outcome", "")),
            signed,
        )
        rows.append(Row(cells, evidence_of(course)))
    blackouts = {
        run.run: run.result["blackout_ms"]
        for _, run in source.runs()
        if run.result.get("blackout_ms") is not None
    }
    ordered, over = sorted(blackouts.values()), _over_budget(blackouts)
    told = sorted(causes.items(), key=lambda each: (-each[1], each[0]))
    within = Share(len(ordered) - over, len(ordered))
    of = "runs of the period whose blackout was measured"
    return Section(
        10,
        "failures",
        "Failures and blackouts",
        "A run whose end is not known is never counted as failed or succeeded.",
        figures=(
            Figure("failures.all", "Runs that did not go well", len(rows), denominator="runs of the period"),
            Figure("blackout.measured", "Blackouts measured", len(ordered)),
            Figure("blackout.p50", "Half are at most", percentile(ordered, 50), ColumnType.MILLISECONDS, of),
            Figure(
                "blackout.p90",
                "Nine of ten are at most",
                percentile(ordered, 90),
                ColumnType.MILLISECONDS,
                of,
            ),
            Figure(
                "blackout.max", "The longest", ordered[-1] if ordered else None, ColumnType.MILLISECONDS, of
            ),
            Figure("blackout.within", "Within their budget", within, ColumnType.SHARE, of),
        ),
        tables=(
            Table("failures", "Runs that did not go well", COLUMNS, tuple(rows), "runs made in the period"),
            Table("failures.causes", "Causes of failed runs", CAUSES, tuple(map(Row, told)), "failed runs"),
        ),
        charts=(
            Chart(
                "blackout.distribution",
                "Blackouts by length",
                ChartKind.HISTOGRAM,
                (*(f"≤ {bound} s" for bound in BOUNDS_S), f"> {BOUNDS_S[-1]} s"),
                (Series("runs", tuple(classes_of(ordered, [bound * 1000 for bound in BOUNDS_S]))),),
                denominator=of,
            ),
        ),
        notes=(f"The budget is what the campaign of a run allows, else {BUDGET_S} s.",),
    )


def _cause(notes: list[tuple[str, Entry]]) -> str:
    found = [entry.said["d"]["found"] for kind, entry in notes if kind == "run.diagnosis"]
    if not found or not found[-1]:
        return ""
    name = str(found[-1][0]["signature"])
    known = next((each for each in SIGNATURES if each.id == name), None)
    return f"{name}: {known.title}" if known else name


def _over_budget(blackouts: dict[int, int]) -> int:
    rows = CampaignTarget.objects.filter(request__run__isnull=False, campaign__blackout_s__gt=0)
    budgets = dict(rows.values_list("request__run", "campaign__blackout_s"))
    return sum(took > 1000 * budgets.get(run, BUDGET_S) for run, took in blackouts.items())
