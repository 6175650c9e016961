"""Section 3: the change register, a row for each run of the period."""

from django.db.models import Count, Q

from liveupdate.bundle.verifier.figures import NO_COMMANDS
from liveupdate.bundle.verifier.population import Course, RunCourse
from liveupdate.models import Request
from liveupdate.reports.document import (
    Cell,
    Column,
    ColumnType,
    Evidence,
    EvidenceKind,
    Figure,
    Row,
    Section,
    Table,
)
from liveupdate.reports.marks import marks_of
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
    period = source.period
    asked = Request.objects.filter(run__queued_at__gte=period.begin, run__queued_at__lt=source.cut)
    if source.scope.team:
        asked = asked.filter(team__slug=source.scope.team)
    without = asked.aggregate(
        reason=Count("pk", filter=Q(reason="")),
        impact=Count("pk", filter=Q(impact="")),
        fallback=Count("pk", filter=Q(fallback="")),
    )
    of = "requests whose run was made in the period"
    return Section(
        3,
        "register",
        "Change register",
        "Every run that was made in the period, in the order of the ledger.",
        figures=(
            Figure("register.runs", "Runs", len(rows), denominator="runs made in the period"),
            Figure(
                "register.without_reason", "Without a reason", without["reason"], denominator=of, must_be=0
            ),
            Figure("register.without_impact", "Without a word on impact", without["impact"], denominator=of),
            Figure("register.without_fallback", "Without a way back", without["fallback"], denominator=of),
        ),
        tables=(Table("register", "Changes", COLUMNS, rows, "runs made in the period"),),
    )


def _row(source: Source, course: Course, run: RunCourse) -> Row:
    sent = source.commands.get(run.run, NO_COMMANDS)
    given = tuple(f"{each.stage} ({each.role}), {each.at[:10]} {each.at[11:19]} UTC" for each in run.given)
    cells: tuple[Cell, ...] = (
        run.run,
        course.number,
        run.plan,
        run.state,
        tuple(each.person for each in run.given),
        sent.first_seq,
        sent.last_seq,
        str(course.terms.get("change", "")),
        str(course.terms.get("risk", "")),
        course.team,
        course.lpar,
        str(course.wish.get("procedure", "")),
        course.requester,
        given,
        str(course.wish.get("starts_at", "")),
        str(course.wish.get("ends_at", "")),
        sent.begun_at,
        sent.last_at,
        str(run.result.get("level_before") or ""),
        str(run.result.get("level_after") or ""),
        tuple(title for title, _ in marks_of(course, run, sent)),
    )
    place = f"{sent.first_seq}-{sent.last_seq}"
    return Row(cells, (*evidence_of(course), Evidence(EvidenceKind.ENTRIES, place, "its entries")))
