"""Section 10: runs that did not go well, with their cause."""

from liveupdate.bundle.verifier.changes import NOT_WELL
from liveupdate.bundle.verifier.opening import Entry
from liveupdate.bundle.verifier.population import Course, RunCourse
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
from liveupdate.reports.source import Source, entry_link, evidence_of

REVIEWED = {
    "run.decision": "decided",
    "run.sign_off": "signed off",
    "breakglass.review": "emergency looked back at",
}
COLUMNS = (
    Column("run", "Run", ColumnType.RUN),
    Column("request", "Request", ColumnType.REQUEST),
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("state", "Ended", ColumnType.STATE),
    Column("cause", "Cause"),
    Column("outcome", "In words"),
    Column("reviews", "Looked back at", ColumnType.TEXTS),
    Column("reviewers", "By", ColumnType.PEOPLE),
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
        reviews = _reviews(source, course, run)
        cells = (
            run.run,
            course.number,
            course.lpar,
            run.state,
            cause,
            str(run.result.get("outcome", "")),
            tuple(map(_in_words, reviews)),
            tuple(str(each.said["actor"]["id"]) for each in reviews),
        )
        rows.append(Row(cells, (*evidence_of(course), *entry_link(*reviews))))
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


def _reviews(source: Source, course: Course, run: RunCourse) -> list[Entry]:
    """How people looked back at a run: decisions on it, its sign-off, the review of its emergency."""
    opened = [int(each.said["d"]["emergency"]) for each in course.emergencies]
    emergencies = [source.population.reviews[each] for each in opened if each in source.population.reviews]
    return [*(entry for kind, entry in run.notes if kind in REVIEWED), *emergencies]


def _in_words(entry: Entry) -> str:
    said, at = entry.said["d"], str(entry.said["at"])
    why = said.get("findings") or said.get("reason") or ""
    return f"{REVIEWED[entry.type]} {at[:10]} {at[11:19]} UTC" + (f": {why}" if why else "")


def _cause(notes: list[tuple[str, Entry]]) -> str:
    found = [entry.said["d"]["found"] for kind, entry in notes if kind == "run.diagnosis"]
    if not found or not found[-1]:
        return ""
    name = str(found[-1][0]["signature"])
    known = next((each for each in SIGNATURES if each.id == name), None)
    return f"{name}: {known.title}" if known else name
