"""Who may do what by the ledger's entries, when they signed in last, and the reviews of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from liveupdate.bundle.verifier.approvals import seconds
from liveupdate.bundle.verifier.opening import Entry

STALE_AFTER_S = 90 * 86_400
REVIEW_WITHIN_S = 365 * 86_400
ROLES_APART = frozenset(["auditor"])
"""Roles that nobody holds together with another, as the portal's rule has it."""
ACCESS_COUNTS = (
    ("access.denied", "access.denied"),
    ("access.refused", "approval.refused"),
    ("access.failed", "auth.fail"),
    ("access.locked_out", "auth.lockout"),
    ("access.sessions", "auth.ok"),
)
"""Figures, each with the kind of entries of the period that it counts."""


class Holder(NamedTuple):
    """An active person with a role: roles with their teams; `signed_at` is empty for who never signed in."""

    person: str
    held: list[tuple[str, str]]
    signed_at: str
    stale: bool

    @property
    def words(self) -> list[str]:
        """Their roles in words."""
        return [f"{role} of {team or 'all teams'}" for role, team in self.held]


class BothSides(NamedTuple):
    """Who could, were roles changed: in a team (empty: all)."""

    person: str
    team: str
    roles: list[str]
    why: str


def holders_of(people: Mapping[str, Any], signed: Mapping[str, str], cut: str) -> list[Holder]:
    """Active people with a role at a moment, by when each signed in last."""
    found = []
    for name, person in sorted(people.items()):
        if person["active"] and person["roles"]:
            held = sorted({(each["role"], each["team"]) for each in person["roles"]})
            last = signed.get(name, "")
            stale = not last or seconds(cut) - seconds(last) > STALE_AFTER_S
            found.append(Holder(name, held, last, stale))
    return found


def roles_counted(holders: Sequence[Holder]) -> list[list[Any]]:
    """Each role with how many people hold it."""
    named = [role for each in holders for role in sorted({role for role, _ in each.held})]
    return [[role, named.count(role)] for role in sorted(set(named))]


def apart_of(people: Mapping[str, Any]) -> list[list[Any]]:
    """Active people who hold roles that nobody holds together, with these roles."""
    rows = []
    for name, person in sorted(people.items()):
        held = {each["role"] for each in person["roles"]} if person["active"] else set()
        if len(held) > 1 and held & ROLES_APART:
            rows.append([name, sorted(held)])
    return rows


def both_sides_of(people: Mapping[str, Any]) -> list[BothSides]:
    """Active people who may ask and decide in one team, and administrators."""
    rows = []
    for name, person in sorted(people.items()):
        if not person["active"]:
            continue
        held: dict[str, set[str]] = {}
        for role in person["roles"]:
            held.setdefault(role["team"], set()).add(role["role"])
        everywhere = held.get("", set())
        if "administrator" in everywhere:
            why = "Give others roles; another administrator gives them theirs."
            rows.append(BothSides(name, "", sorted(everywhere), why))
        for team, roles in sorted(held.items()):
            if {"requester", "approver"} <= roles | everywhere:
                why = "Ask, and decide on what others of the team ask."
                rows.append(BothSides(name, team, sorted(roles | everywhere), why))
    return rows


def access_of(
    people: Mapping[str, Any],
    holders: Sequence[Holder],
    by_type: Mapping[str, int],
    reviews: Sequence[Entry],
    cut: str,
) -> dict[str, Any]:
    """The figures of access; `reviews` are all there are, `by_type` counts the entries of the period."""
    last = str(reviews[-1].said["at"]) if reviews else ""
    overdue = not last or seconds(cut) - seconds(last) > REVIEW_WITHIN_S
    return {
        "access.people": len(holders),
        "access.stale": sum(each.stale for each in holders),
        "access.emergency": sum(any(role == "emergency" for role, _ in each.held) for each in holders),
        "access.apart": len(apart_of(people)),
        **{key: by_type.get(kind, 0) for key, kind in ACCESS_COUNTS},
        "access.reviewed_at": last,
        "access.review_overdue": int(overdue),
    }
