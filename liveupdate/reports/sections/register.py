"""Section 3: the change register, a row for each run of the period."""

from liveupdate.bundle.verifier.changes import register_row
from liveupdate.bundle.verifier.figures import NO_COMMANDS
from liveupdate.bundle.verifier.population import Course, RunCourse
from liveupdate.reports.counting import counted
from liveupdate.reports.document import (
    Column,
    ColumnType,
    Evidence,
    EvidenceKind,
    Row,
    Section,
    Table,
)
from liveupdate.reports.source import Source, evidence_of

COLUMNS = (
    Column("run", "Run", ColumnType.RUN),
    Column("request", "Request", ColumnType.REQUEST),
    Column("plan", "Plan", ColumnType.DIGEST),
    Column("state", "Outcome", ColumnType.STATE),
    Column("approvers", "Approvers", ColumnType.PEOPLE),
    Column("first_seq", "First entry", ColumnType.NUMBER),
    Column("last_seq", "Last entry", ColumnType.NUMBER),
    Column("class", "Class"),
    Column("risk", "Risk"),
    Column("team", "Team"),
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("procedure", "What"),
    Column("requester", "Requester", ColumnType.PERSON),
    Column("approvals", "Approved as, when", ColumnType.TEXTS),
    Column("window_begins", "Window from", ColumnType.TIME),
    Column("window_ends", "Window to", ColumnType.TIME),
    Column("first_command", "First command", ColumnType.TIME),
    Column("last_command", "Last command", ColumnType.TIME),
    Column("level_before", "Level before", ColumnType.LEVEL),
    Column("level_after", "Level after", ColumnType.LEVEL),
    Column("marks", "Deviations", ColumnType.TEXTS),
)


def section(source: Source) -> Section:
    """Every run, who asked, who approved, what was approved, when it ran and how it ended."""
    rows = tuple(_row(source, course, run) for course, run in source.runs())
    of = "requests whose run was made in the period"
    return Section(
        3,
        "register",
        "Change register",
        "Every run that was made in the period, in the order of the ledger.",
        figures=(
            counted(source, "register.runs", "Runs", "runs made in the period"),
            counted(source, "register.without_reason", "Without a reason", of, must_be=0),
            counted(source, "register.without_impact", "Without a word on impact", of),
            counted(source, "register.without_fallback", "Without a way back", of),
        ),
        tables=(Table("register", "Changes", COLUMNS, rows, "runs made in the period"),),
    )


def _row(source: Source, course: Course, run: RunCourse) -> Row:
    sent = source.commands.get(run.run, NO_COMMANDS)
    place = f"{sent.first_seq}-{sent.last_seq}"
    cells = register_row(course, run, sent)
    frozen = tuple(tuple(each) if isinstance(each, list) else each for each in cells)
    return Row(frozen, (*evidence_of(course), Evidence(EvidenceKind.ENTRIES, place, "its entries")))
