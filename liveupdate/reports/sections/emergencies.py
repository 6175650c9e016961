"""Section 7: emergencies, and whether somebody looked back at each in time."""

from datetime import datetime

from liveupdate.bundle.verifier.changes import emergency_state
from liveupdate.reports.counting import counted
from liveupdate.reports.document import Column, ColumnType, Row, Section, Table
from liveupdate.reports.source import Source, entry_link, evidence_of

COLUMNS = (
    Column("request", "Request", ColumnType.REQUEST),
    Column("incident", "Incident"),
    Column("reason", "Reason"),
    Column("opened_by", "Opened by", ColumnType.PERSON),
    Column("opened_at", "Opened", ColumnType.TIME),
    Column("due_on", "To be looked back at by", ColumnType.DATE),
    Column("reviewed_at", "Looked back at", ColumnType.TIME),
    Column("reviewed_by", "By", ColumnType.PERSON),
    Column("open_for", "Open for", ColumnType.SECONDS),
    Column("state", "State", ColumnType.STATE),
    Column("findings", "Found"),
)


def section(source: Source) -> Section:
    """Every emergency opened in the period; one that nobody looked back at in time is a finding."""
    rows, today = [], source.until.date().isoformat()
    for course, opened, review in source.population.emergencies():
        said, due = opened.said["d"], str(opened.said["d"].get("due_on", ""))
        ended = str(review.said["at"]) if review else ""
        state = emergency_state(due, ended[:10] or today, bool(review))
        until = datetime.fromisoformat(ended) if ended else source.until
        cells = (
            course.number,
            str(said["incident"]),
            str(said["reason"]),
            str(opened.said["actor"]["id"]),
            str(opened.said["at"]),
            due,
            ended,
            str(review.said["actor"]["id"]) if review else "",
            int((until - datetime.fromisoformat(str(opened.said["at"]))).total_seconds()),
            state,
            str(review.said["d"].get("findings", "")) if review else "",
        )
        links = entry_link(opened, review) if review else entry_link(opened)
        rows.append(Row(cells, (*evidence_of(course), *links)))
    return Section(
        7,
        "emergencies",
        "Emergency changes",
        "An emergency starts with one decision missing; somebody else looks back at it afterwards.",
        figures=(
            counted(source, "emergencies.opened", "Emergencies opened"),
            counted(
                source, "emergencies.share", "Share of runs", "runs of the period", type_=ColumnType.SHARE
            ),
            counted(source, "emergencies.reviewed", "Looked back at", "emergencies opened"),
            counted(source, "emergencies.reviewed_in_time", "In time", "emergencies opened"),
            counted(source, "emergencies.open", "Nobody has looked back at"),
            counted(source, "emergencies.overdue", "Of these past their day", must_be=0),
        ),
        tables=(
            Table("emergencies", "Emergencies", COLUMNS, tuple(rows), "emergencies opened in the period"),
        ),
    )
