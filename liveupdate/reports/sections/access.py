"""Section 11: who may do what, who was denied what, who was not here for long, and the last reviews."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from itertools import combinations
from typing import Any

from liveupdate.models import AccessReview
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
from liveupdate.reports.source import Source
from portal.access.roles import Role, apart
from portal.audit.events import Event
from portal.audit.signs import entries_about, last_sign_ins
from portal.lib.clock import rfc3339

STALE_AFTER = timedelta(days=90)
REVIEW_WITHIN = timedelta(days=365)
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
BREAK_GLASS = "emergency"


def section(source: Source) -> Section:
    """Active people by role, their last sign-in, failed sign-ins, and the reviews of access."""
    events = source.by_type
    signed = last_sign_ins(source.standing.size)
    rows, by_role, stale, emergency = [], Counter[str](), 0, 0
    for public_id, person in sorted(source.population.history.people.items()):
        if not person["active"] or not person["roles"]:
            continue
        held = sorted({(each["role"], each["team"]) for each in person["roles"]})
        by_role.update({role for role, _ in held})
        emergency += any(role == BREAK_GLASS for role, _ in held)
        last = signed.get(public_id)
        is_stale = last is None or source.cut - last > STALE_AFTER
        stale += is_stale
        words = tuple(f"{role} of {team or 'all teams'}" for role, team in held)
        rows.append(Row((public_id, words, rfc3339(last) if last else "", is_stale)))
    reviews = list(
        AccessReview.objects.filter(reviewed_at__lte=source.until).select_related("by").order_by("-pk")[:20]
    )
    people = source.population.history.people
    conflicting = tuple(_apart(public_id, people[public_id]) for public_id in sorted(people))
    both = tuple(row for row in conflicting if row is not None)
    last_review = reviews[0].reviewed_at if reviews else None
    overdue = last_review is None or source.cut - last_review > REVIEW_WITHIN
    return Section(
        11,
        "access",
        "Access",
        "Roles as they stood at the checkpoint, by the ledger; of the whole site, whatever the filter.",
        figures=(
            Figure("access.people", "Active people with a role", len(rows)),
            Figure(
                "access.stale", "Not signed in for 90 days", stale, denominator="active people with a role"
            ),
            Figure("access.emergency", "May open emergencies", emergency),
            Figure("access.apart", "Hold roles that nobody holds together", len(both), must_be=0),
            Figure("access.denied", "What people were denied", events.get(Event.ACCESS_DENIED, 0)),
            Figure("access.refused", "Decisions that were refused", events.get(Event.APPROVAL_REFUSED, 0)),
            Figure("access.failed", "Failed sign-ins", events.get("auth.fail", 0)),
            Figure("access.locked_out", "Lock-outs", events.get("auth.lockout", 0)),
            Figure("access.sessions", "Sign-ins", events.get("auth.ok", 0)),
            Figure(
                "access.reviewed_at",
                "Last review of access",
                rfc3339(last_review) if last_review else "",
                ColumnType.TIME,
            ),
            Figure("access.review_overdue", "No review within a year", int(overdue), must_be=0),
        ),
        tables=(
            Table(
                "access.roles",
                "People by role",
                ROLES,
                tuple(map(Row, sorted(by_role.items()))),
                "active people",
            ),
            Table("access.people", "People", PEOPLE, tuple(rows), "active people with a role"),
            Table("access.apart", "Roles kept apart", APART, both, "active people with a role"),
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
                tuple(
                    Row(
                        (
                            rfc3339(each.reviewed_at),
                            each.by.public_id,
                            each.people,
                            each.roles_digest,
                            each.conclusion,
                        )
                    )
                    for each in reviews
                ),
                "the newest 20 up to the checkpoint",
            ),
        ),
    )


def _apart(public_id: str, person: Mapping[str, Any]) -> Row | None:
    """Those of an active person's roles that the rule of portal.access.roles keeps apart, if it is broken."""
    held = sorted({each["role"] for each in person["roles"]}) if person["active"] else []
    broken = {role for pair in combinations(held, 2) if apart(*map(Role, pair)) for role in pair}
    return Row((public_id, tuple(sorted(broken)))) if broken else None


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
