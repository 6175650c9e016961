"""Section 5: separation of duties, and who could get around it by a change of roles."""

from liveupdate.bundle.verifier.figures import conflicts_of
from liveupdate.bundle.verifier.opening import Entry
from liveupdate.reports.counting import counted
from liveupdate.reports.document import Column, ColumnType, Figure, Row, Section, Table
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
    both = _both_sides(source)
    changes = tuple(_change(entry) for entry in source.population.role_changes)
    refused = sum(len(each.refused) for each in source.population.asked())
    return Section(
        5,
        "duties",
        "Separation of duties",
        "Who made or edited a request never decides on it, in any role and on nobody's behalf. "
        "The worker of the portal carries plans out; no person types commands.",
        figures=(
            counted(source, "duties.conflicts", "People who approved what they asked for", must_be=0),
            Figure("duties.refused", "Decisions that were tried and refused", refused),
            Figure("duties.both_sides", "People who could, were roles changed", len(both)),
            Figure("duties.role_changes", "Changes of roles in the period", len(changes)),
            Figure("duties.new_roles", "Approvals by a role less than 24 h old", len(fresh)),
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


def _both_sides(source: Source) -> tuple[Row, ...]:
    """Active people who may ask and decide in one team, and administrators, as roles stood at the end."""
    rows = []
    for public_id, person in sorted(source.population.history.people.items()):
        if not person["active"]:
            continue
        held: dict[str, set[str]] = {}
        for role in person["roles"]:
            held.setdefault(role["team"], set()).add(role["role"])
        everywhere = held.get("", set())
        if "administrator" in everywhere:
            others = tuple(sorted(everywhere))
            rows.append(
                Row((public_id, "", others, "Give others roles; another administrator gives them theirs."))
            )
        for team, roles in sorted(held.items()):
            if {"requester", "approver"} <= roles | everywhere:
                both = tuple(sorted(roles | everywhere))
                rows.append(Row((public_id, team, both, "Ask, and decide on what others of the team ask.")))
    return tuple(rows)


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
