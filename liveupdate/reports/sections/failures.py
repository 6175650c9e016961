"""Section 10: runs that did not go well, with their cause."""

from liveupdate.bundle.verifier.changes import NOT_WELL
from liveupdate.bundle.verifier.opening import Entry
from liveupdate.diagnosis.catalogue import SIGNATURES
from liveupdate.reports.counting import counted
from liveupdate.reports.document import (
    Chart,
    ChartKind,
    Column,
    ColumnType,
    Row,
    Section,
    Series,
    Table,
)
from liveupdate.reports.source import Source, evidence_of

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


def section(source: Source) -> Section:
    """Each run that failed, was stopped, or left something, and why."""
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
    told = sorted(causes.items(), key=lambda each: (-each[1], each[0]))
    return Section(
        10,
        "failures",
        "Failures by cause",
        "A run whose end is not known is never counted as failed or succeeded.",
        figures=(counted(source, "failures.all", "Runs that did not go well", "runs of the period"),),
        tables=(
            Table("failures", "Runs that did not go well", COLUMNS, tuple(rows), "runs made in the period"),
            Table("failures.causes", "Causes of failed runs", CAUSES, tuple(map(Row, told)), "failed runs"),
        ),
        charts=(
            Chart(
                "failures.by_cause",
                "Failed runs by cause",
                ChartKind.BARS,
                tuple(cause for cause, _ in told),
                (Series("runs", tuple(count for _, count in told)),),
                denominator="failed runs",
            ),
        ),
    )


def _cause(notes: list[tuple[str, Entry]]) -> str:
    found = [entry.said["d"]["found"] for kind, entry in notes if kind == "run.diagnosis"]
    if not found or not found[-1]:
        return ""
    name = str(found[-1][0]["signature"])
    known = next((each for each in SIGNATURES if each.id == name), None)
    return f"{name}: {known.title}" if known else name
