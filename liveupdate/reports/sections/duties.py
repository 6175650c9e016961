"""Section 5: separation of duties, and who could get around it by a change of roles."""

from liveupdate.bundle.verifier.figures import conflicts_of
from liveupdate.bundle.verifier.opening import Entry
from liveupdate.bundle.verifier.people import both_sides_of
from liveupdate.reports.counting import counted
from liveupdate.reports.document import Column, ColumnType, Row, Section, Table
from liveupdate.reports.source import Source, entry_link, evidence_of

CONFLICTS = (
    Column("run", "Run", ColumnType.RUN),
    Column("request", "Request", ColumnType.REQUEST),
    Column("people", "Approved what they asked for", ColumnType.PEOPLE),
)
BOTH = (
    Column("person", "Person", ColumnType.PERSON),
    Column("team", "Team (empty: all)"),
    Column("roles", "Roles", ColumnType.TEXTS),
    Column("why", "What they could do"),
)
CHANGES = (
    Column("at", "When", ColumnType.TIME),
    Column("person", "Whose role", ColumnType.PERSON),
    Column("what", "What"),
    Column("role", "Role"),
    Column("team", "Team (empty: all)"),
    Column("by", "By", ColumnType.TEXT),
)
NEW = (
    Column("run", "Run", ColumnType.RUN),
    Column("request", "Request", ColumnType.REQUEST),
    Column("person", "Approver", ColumnType.PERSON),
    Column("note", "What to look at"),
)


def section(source: Source) -> Section:
    """Who approved what they asked for (nobody may), who holds both sides, which roles changed by whom."""
    conflicts, fresh = [], []
    for course, run in source.runs():
        if found := conflicts_of(run):
            conflicts.append(Row((run.run, course.number, tuple(found)), evidence_of(course)))
        fresh += [
            Row((run.run, course.number, each.person, each.note), evidence_of(course))
            for each in run.given
            if each.note
        ]
    both = tuple(
        Row((each.person, each.team, tuple(each.roles), each.why))
        for each in both_sides_of(source.population.history.people)
    )
    changes = tuple(_change(entry) for entry in source.population.role_changes)
    return Section(
        5,
        "duties",
        "Separation of duties",
        "Who made or edited a request never decides on it, in any role and on nobody's behalf. "
        "The worker of the portal carries plans out; no person types commands.",
        figures=(
            counted(source, "duties.conflicts", "People who approved what they asked for", must_be=0),
            counted(source, "duties.refused", "Decisions that were tried and refused"),
            counted(source, "duties.both_sides", "People who could, were roles changed"),
            counted(source, "duties.role_changes", "Changes of roles in the period"),
            counted(source, "duties.new_roles", "Approvals by a role less than 24 h old"),
        ),
        tables=(
            Table("duties.conflicts", "Conflicts", CONFLICTS, tuple(conflicts), "runs made in the period"),
            Table("duties.both_sides", "Who holds both sides", BOTH, both, "active people at the end"),
            Table("duties.role_changes", "Changes of roles", CHANGES, changes, "entered in the period"),
            Table("duties.new_roles", "Approvals by new roles", NEW, tuple(fresh), "approvals that counted"),
        ),
        notes=(
            "An administrator gives no role to themselves; two administrators could give each other any.",
        ),
    )


def _change(entry: Entry) -> Row:
    said, subject = entry.said["d"], entry.said["sub"]
    cells = (
        entry.said["at"],
        subject["user"],
        said["what"],
        said["role"],
        subject.get("team", ""),
        entry.said["actor"]["id"],
    )
    return Row(tuple(map(str, cells)), entry_link(entry))
