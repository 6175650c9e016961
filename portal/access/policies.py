"""Who may do what where.

Rights are read from the database each time they are asked for, only once while a page is made that
changes nothing: so what an administrator changes acts at once.
"""

from collections.abc import Collection
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet

from portal.access.held import Held, held_by
from portal.access.models import Team, User
from portal.access.roles import Role
from portal.lib.errors import NotAllowed

Person = User | AnonymousUser
Row = TypeVar("Row", bound=Model)

SEE_EVERYTHING = frozenset({Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR})
"""Roles that, held everywhere, show every team's LPARs, requests and runs."""


def roles(user: Person, team: Team | None) -> frozenset[Role]:
    """The roles of `user` in `team`, those held everywhere included; `team` None asks for the latter alone.

    Someone who is not active or not signed in has none, and being a superuser gives none.
    """
    here = {None} if team is None else {None, team.pk}
    return frozenset(role for where, role in _held(user) if where in here)


def roles_anywhere(user: Person) -> frozenset[Role]:
    """Every role that `user` holds in at least one team: what the menu goes by, never a right."""
    return frozenset(role for _, role in _held(user))


def visible_teams(user: Person) -> QuerySet[Team]:
    """The teams whose LPARs, requests and runs `user` may see."""
    if roles(user, None) & SEE_EVERYTHING:
        return Team.objects.all()
    return Team.objects.filter(pk__in=[team for team, _ in _held(user) if team is not None])


def of_visible_teams(user: Person, rows: QuerySet[Row], team: str = "team") -> QuerySet[Row]:
    """Those of `rows` whose `team` is one that `user` may see; all, unfiltered, for who sees all teams."""
    if roles(user, None) & SEE_EVERYTHING:
        return rows
    among: dict[str, Any] = {f"{team}__in": visible_teams(user)}
    return rows.filter(**among)


def require(user: Person, allowed: Collection[Role], team: Team | None, doing: str) -> None:
    """Raise NotAllowed unless `user` holds one of the `allowed` roles in `team` (None: everywhere).

    `doing` completes the sentence "You may not …", e.g. `approve request 12`.
    """
    held = roles(user, team)
    if held & set(allowed):
        return
    where = f"in team {team}" if team else "for all teams"
    wanted = " or ".join(sorted(role.label for role in allowed))
    have = ", ".join(sorted(role.label for role in held)) or "no role"
    raise NotAllowed(
        f"You may not {doing}: this needs the role {wanted} {where}, and you have {have} there.",
        remedy="Ask an administrator for the role, or ask somebody who has it.",
        code="role_missing",
    )


def _held(user: Person) -> Held:
    return frozenset() if user.pk is None or not user.is_active else held_by(user.pk)
