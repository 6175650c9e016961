"""Who might decide on requests: people with their roles, and who decides on whose behalf."""

from collections.abc import Iterable

from django.db.models import Q

from liveupdate.control.policy import STAGE_ROLES
from liveupdate.control.ruling import Delegation, Held, Person
from liveupdate.models import Delegation as StoredDelegation
from portal.access.models import Membership, Team, User


class Deciders:
    """Read once for a page or an action; with `team` only who might decide for that team."""

    def __init__(self, team: Team | None = None) -> None:
        rows = Membership.objects.filter(role__in=STAGE_ROLES).select_related("user", "team", "granted_by")
        if team is not None:
            rows = rows.filter(Q(team=None) | Q(team=team))
        self.users: dict[str, User] = {}
        self.people: dict[str, Person] = {}
        for row in rows.order_by("user__username", "pk"):
            self.add(row.user)
            self.people[row.user.public_id]["roles"].append(_held(row))
        self.delegations: list[Delegation] = []
        for each in StoredDelegation.objects.select_related("giver", "taker").order_by("pk"):
            self.add(each.giver)
            self.add(each.taker)
            self.delegations.append(facts_of(each))

    def add(self, user: User | None) -> None:
        """Somebody whose decision stands, be it that they have no role any more."""
        if user is not None and user.public_id not in self.people:
            self.users[user.public_id] = user
            self.people[user.public_id] = Person(active=user.is_active, roles=[])

    def of_team(self, team: Team, besides: Iterable[str] = ()) -> dict[str, Person]:
        """Who might decide for a team, and those named besides."""
        here, named = {"", team.slug}, set(besides)
        return {
            key: person
            for key, person in self.people.items()
            if key in named or any(held["team"] in here for held in person["roles"]) or self._takes(key)
        }

    def _takes(self, key: str) -> bool:
        return any(each["taker"] == key for each in self.delegations)


def facts_of(row: StoredDelegation) -> Delegation:
    """A delegation as the ruling reads it; one that was ended early ends then."""
    return Delegation(
        giver=row.giver.public_id,
        taker=row.taker.public_id,
        starts_at=row.starts_at.timestamp(),
        ends_at=min(row.ends_at, row.ended_at or row.ends_at).timestamp(),
        risk=row.risk,
        environments=list(row.environments),
    )


def _held(row: Membership) -> Held:
    return Held(
        role=row.role,
        team=row.team.slug if row.team else "",
        by=row.granted_by.public_id if row.granted_by else "",
        at=row.granted_at.timestamp(),
    )
