"""Section 4: that approvals came before execution, by the order of the ledger and not by clocks."""

from liveupdate.bundle.verifier.figures import NO_COMMANDS, ran_before_approval
from liveupdate.reports.counting import counted, term
from liveupdate.reports.document import Column, ColumnType, Equation, Row, Section, Table
from liveupdate.reports.source import Source, evidence_of

COLUMNS = (
    Column("run", "Run", ColumnType.RUN),
    Column("request", "Request", ColumnType.REQUEST),
    Column("approved_seq", "Last approval", ColumnType.NUMBER),
    Column("begun_seq", "First command", ColumnType.NUMBER),
    Column("needed", "Approvals needed", ColumnType.NUMBER),
    Column("counted", "Counted when it began", ColumnType.NUMBER),
    Column("before", "Before", ColumnType.YES_NO),
    Column("why", "Why not"),
)


def section(source: Source) -> Section:
    """For each run that sent a command the place of its last approval and of its first command."""
    rows = []
    for course, run in source.runs():
        sent = source.commands.get(run.run, NO_COMMANDS)
        if sent.begun_seq is None:
            continue
        last = max((each.seq for each in run.given), default=None)
        before = not ran_before_approval(run, sent)
        cells = (
            run.run,
            course.number,
            last,
            sent.begun_seq,
            run.needed,
            len(run.given),
            before,
            run.refusal,
        )
        rows.append(Row(cells, evidence_of(course)))
    return Section(
        4,
        "approvals",
        "Approvals before execution",
        "Each approval that counted when a run began stands in the ledger before the run's first command. "
        "Whether it counted is asked again, by policy and roles as they were at that place of the ledger: "
        "not expired, not withdrawn, of this plan and window, of somebody qualified.",
        figures=(
            counted(source, "approvals.runs", "Runs that sent a command", "runs made in the period"),
            counted(source, "approvals.before", "Allowed, and approved before", "runs that sent a command"),
            counted(source, "approvals.late", "Not allowed, or approved too late", must_be=0),
            counted(source, "approvals.standard", "By a standard change approved in advance"),
            counted(source, "approvals.missing_then", "Begun with one decision missing, as emergencies may"),
        ),
        equations=(
            Equation(
                "equation.approvals",
                "Runs that sent a command",
                (term(source, "approvals.runs", "runs"),),
                (
                    term(source, "approvals.before", "approved before"),
                    term(source, "approvals.late", "not allowed or too late"),
                ),
            ),
        ),
        tables=(
            Table(
                "approvals.order",
                "Places in the ledger",
                COLUMNS,
                tuple(rows),
                "runs of the period that sent a command; no place of an approval where none was needed",
            ),
        ),
        notes=(
            "A standard change needs no decision of its own: its template was approved by another person.",
        ),
    )
