"""Compares people's roles, and who may sign in, with what was entered when they were changed."""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.access.models import Membership, User
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values
from portal.lib.clock import rfc3339

Place = tuple[str, str, str]
"""Person, role, and team (empty: all teams)."""
ACTIVE = {"added": True, "activated": True, "deactivated": False}


class Memberships(RowComparison[Place]):
    """Who has which role where, given by whom and when, against `role.change`."""

    events = frozenset({Event.ROLE_CHANGE})

    def see(self, seq: int | None, document: Mapping[str, Any]) -> None:
        """A role that was revoked has no row."""
        super().see(seq, document)
        if document["d"]["what"] == "revoked":
            self._said.pop(self.said(document)[0])

    def said(self, document: Mapping[str, Any]) -> tuple[Place, Values]:
        """By person, role and team."""
        data, subject, actor = document["d"], document["sub"], document["actor"]
        giver = actor["id"] if actor["k"] == "user" else ""
        return (subject["user"], data["role"], subject.get("team", "")), (giver, data.get("granted_at"))

    def rows(self) -> Iterator[tuple[Place, Values]]:
        """Every membership."""
        for row in Membership.objects.select_related("user", "team", "granted_by").order_by("pk"):
            place = (row.user.public_id, str(row.role), row.team.slug if row.team else "")
            giver = row.granted_by.public_id if row.granted_by else ""
            yield place, (giver, rfc3339(row.granted_at))

    def name(self, key: Place) -> str:
        """The role approver of u_7f3a in team payroll."""
        person, role, team = key
        return f"The role {role} of {person} {f'in team {team}' if team else 'for all teams'}"


class Accounts(RowComparison[str]):
    """Whether somebody may sign in, against `user.change`; whom no entry speaks of fits."""

    events = frozenset({Event.USER_CHANGE})

    def see(self, seq: int | None, document: Mapping[str, Any]) -> None:
        """Other changes of a person say nothing of it."""
        if document["d"]["what"] in ACTIVE:
            super().see(seq, document)

    def said(self, document: Mapping[str, Any]) -> tuple[str, Values]:
        """By the pseudonym."""
        return document["sub"]["user"], (ACTIVE[document["d"]["what"]],)

    def rows(self) -> Iterator[tuple[str, Values]]:
        """Everybody."""
        for public_id, active in User.objects.order_by("pk").values_list("public_id", "is_active"):
            yield public_id, (active,)

    def name(self, key: str) -> str:
        """The account of u_7f3a."""
        return f"The account of {key}"

    def _fits(self, key: str) -> bool:
        return key not in self._said or super()._fits(key)
