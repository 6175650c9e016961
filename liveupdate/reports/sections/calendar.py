"""What the calendar had for the period against what happened: every window that an approved change had."""

from collections import Counter
from datetime import datetime

from liveupdate.bundle.verifier.population import Course
from liveupdate.bundle.verifier.statistics import months_between
from liveupdate.reports.document import (
    Chart,
    ChartKind,
    Column,
    ColumnType,
    Figure,
    Row,
    Section,
    Series,
    Table,
)
from liveupdate.reports.source import Source, evidence_of
from portal.lib.clock import rfc3339

COLUMNS = (
    Column("request", "Request", ColumnType.REQUEST),
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("team", "Team"),
    Column("window_begins", "Window from", ColumnType.TIME),
    Column("window_ends", "Window to", ColumnType.TIME),
    Column("run", "Run", ColumnType.RUN),
    Column("begun_at", "Began", ColumnType.TIME),
    Column("ended_at", "Ended", ColumnType.TIME),
    Column("state", "Outcome", ColumnType.STATE),
    Column("happened", "What happened", ColumnType.STATE),
)
WELL = frozenset(["succeeded", "succeeded_with_residue"])
HAPPENED = ("as_planned", "went_on_after", "began_outside", "failed_in_window", "not_begun", "not_over")
ABOUT = (
    "Every change whose window lay in the period and that somebody handed in, with what became of it: done "
    "in its window, gone on after it, begun outside of it, failed, or not begun at all."
)


def section(source: Source) -> Section:
    """Each window against its run, and the count by month."""
    courses = source.population.courses.values()
    planned = [(_window(each), each) for each in courses if source.scope.team in ("", each.team)]
    held = [(window, course) for window, course in planned if window and _within(source, window[0])]
    told = [(window, course, happened(course, source.until)) for window, course in held]
    rows = tuple(
        _row(window, course, what) for window, course, what in sorted(told, key=lambda each: each[0])
    )
    counts = Counter(what for _, _, what in told)
    of = "changes handed in whose window began in the period"
    months = months_between(source.period.begin.date(), source.last_day)
    by_month = Counter((window[0][:7], what) for window, _, what in told)
    return Section(
        3,
        "calendar",
        "Calendar and what happened",
        ABOUT,
        figures=(
            Figure("calendar.planned", "Changes in the calendar", len(told), denominator=of),
            *(Figure(f"calendar.{what}", _words(what), counts[what], denominator=of) for what in HAPPENED),
        ),
        tables=(
            Table("calendar.changes", "Changes by their window", COLUMNS, rows, of, "No window lay in it."),
        ),
        charts=(
            Chart(
                "calendar.months",
                "What happened, by month",
                ChartKind.STACKED,
                tuple(months),
                tuple(
                    Series(_words(what), tuple(by_month[month, what] for month in months))
                    for what in HAPPENED
                ),
                denominator=of,
            ),
        ),
        notes=("A window is that of the request as it was edited last; months are those of UTC.",),
    )


def happened(course: Course, until: datetime) -> str:
    """What became of a change by a moment: one of `HAPPENED`."""
    run = course.run
    if run is None or not run.begun_at:
        return "not_begun"
    begins, ends = _window(course) or ("", "")
    if not begins <= run.begun_at < ends:
        return "began_outside"
    if not run.ended_at:
        return "went_on_after" if ends <= rfc3339(until) else "not_over"
    if run.state not in WELL:
        return "failed_in_window"
    return "went_on_after" if run.ended_at > ends else "as_planned"


def _window(course: Course) -> tuple[str, str] | None:
    begins, ends = str(course.wish.get("starts_at", "")), str(course.wish.get("ends_at", ""))
    return (begins, ends) if begins and ends and course.terms else None


def _within(source: Source, begins: str) -> bool:
    return rfc3339(source.period.begin) <= begins < rfc3339(source.cut)


def _row(window: tuple[str, str], course: Course, what: str) -> Row:
    run = course.run
    cells = (
        course.number,
        course.lpar,
        course.team,
        *window,
        run.run if run else "",
        run.begun_at if run else "",
        run.ended_at if run else "",
        run.state if run and run.begun_at else course.state,
        what,
    )
    return Row(cells, evidence_of(course))


def _words(what: str) -> str:
    return what.replace("_", " ").capitalize()
