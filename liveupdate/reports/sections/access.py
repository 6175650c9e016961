"""Section 11: who may do what, who was denied what, who was not here for long, and the last reviews."""

from collections import Counter

from liveupdate.bundle.verifier.opening import Entry
from liveupdate.bundle.verifier.people import Holder, access_of, apart_of, holders_of, roles_counted
from liveupdate.reports.document import (
    Column,
    ColumnType,
    Evidence,
    EvidenceKind,
    Figure,
    Row,
    Section,
    Table,
)
from liveupdate.reports.source import Source, entry_link
from portal.audit.events import Event
from portal.audit.signs import entries_about, last_sign_ins
from portal.lib.clock import rfc3339

PEOPLE = (
    Column("person", "Person", ColumnType.PERSON),
    Column("roles", "Roles", ColumnType.TEXTS),
    Column("last_at", "Last signed in", ColumnType.TIME),
    Column("stale", "Longer ago than 90 days", ColumnType.YES_NO),
)
ROLES = (Column("role", "Role"), Column("people", "People", ColumnType.NUMBER))
REVIEWS = (
    Column("at", "When", ColumnType.TIME),
    Column("by", "By", ColumnType.PERSON),
    Column("people", "People gone through", ColumnType.NUMBER),
    Column("roles_digest", "Roles as they were", ColumnType.DIGEST),
    Column("conclusion", "Concluded"),
)
APART = (
    Column("person", "Person", ColumnType.PERSON),
    Column("roles", "Roles that nobody holds together", ColumnType.TEXTS),
)
DENIED = (
    Column("person", "Person", ColumnType.PERSON),
    Column("what", "What"),
    Column("why", "Why not"),
    Column("times", "Times", ColumnType.NUMBER),
    Column("last_at", "Last", ColumnType.TIME),
)
HOLDERS = "active people with a role"
MOST_REVIEWS = 20
REVIEWED = ("people", "roles_digest", "conclusion")
TYPES = {"access.reviewed_at": ColumnType.TIME}
FIGURES = (
    ("access.people", "Active people with a role", "", None),
    ("access.stale", "Not signed in for 90 days", HOLDERS, None),
    ("access.emergency", "May open emergencies", "", None),
    ("access.apart", "Hold roles that nobody holds together", "", 0),
    ("access.denied", "What people were denied", "", None),
    ("access.refused", "Decisions that were refused", "", None),
    ("access.failed", "Failed sign-ins", "", None),
    ("access.locked_out", "Lock-outs", "", None),
    ("access.sessions", "Sign-ins", "", None),
    ("access.reviewed_at", "Last review of access", "", None),
    ("access.review_overdue", "No review within a year", "", 0),
)


def section(source: Source) -> Section:
    """Active people by role, their last sign-in, failed sign-ins, and the reviews of access."""
    people, cut = source.population.history.people, rfc3339(source.cut)
    signed = {each: rfc3339(at) for each, at in last_sign_ins(source.standing.size).items()}
    holders, reviews = holders_of(people, signed, cut), source.population.access_reviews
    figures = access_of(people, holders, source.by_type, reviews, cut)
    return Section(
        11,
        "access",
        "Access",
        "Roles as they stood at the checkpoint, by the ledger; of the whole site, whatever the filter.",
        figures=tuple(
            Figure(key, title, figures[key], TYPES.get(key, ColumnType.NUMBER), of, must_be)
            for key, title, of, must_be in FIGURES
        ),
        tables=(
            Table(
                "access.roles",
                "People by role",
                ROLES,
                tuple(Row(tuple(each)) for each in roles_counted(holders)),
                "active people",
            ),
            Table("access.people", "People", PEOPLE, tuple(map(_holder, holders)), HOLDERS),
            Table(
                "access.apart",
                "Roles kept apart",
                APART,
                tuple(Row((person, tuple(roles))) for person, roles in apart_of(people)),
                HOLDERS,
            ),
            Table(
                "access.denied",
                "Attempts that were denied",
                DENIED,
                _denied(source),
                "entries of the period; the same refusal is entered once a minute",
            ),
            Table(
                "access.reviews",
                "Reviews",
                REVIEWS,
                tuple(map(_review, reversed(reviews[-MOST_REVIEWS:]))),
                f"the newest {MOST_REVIEWS} up to the checkpoint",
            ),
        ),
    )


def _holder(each: Holder) -> Row:
    return Row((each.person, tuple(each.words), each.signed_at, each.stale))


def _review(entry: Entry) -> Row:
    said = entry.said["d"]
    cells = (entry.said["at"], entry.said["actor"]["id"], *(said[key] for key in REVIEWED))
    return Row(cells, entry_link(entry))


def _denied(source: Source) -> tuple[Row, ...]:
    """Who was denied what and why, those that tried most first; the evidence is the last time."""
    kinds = (Event.ACCESS_DENIED, Event.APPROVAL_REFUSED)
    times, last = Counter[tuple[str, str, str]](), dict[tuple[str, str, str], tuple[int, str]]()
    for seq, entry in entries_about(source.standing.size, source.period.begin, source.period.end, kinds):
        said = entry["d"]
        if entry["t"] == Event.ACCESS_DENIED:
            key = (entry["actor"]["id"], f"{said['method']} {said['page']}", said["why"])
        else:
            key = (entry["actor"]["id"], f"decide on {entry['sub']['request']}", said["code"])
        times[key] += 1
        last[key] = (seq, entry["at"])
    rows = []
    for key in sorted(times, key=lambda each: (-times[each], each)):
        seq, at = last[key]
        evidence = (Evidence(EvidenceKind.ENTRIES, str(seq), f"entry {seq}"),)
        rows.append(Row((*key, times[key], at), evidence))
    return tuple(rows)
