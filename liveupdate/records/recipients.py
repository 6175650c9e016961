"""Who has to hear of something: people who can act on it, and who asked for it."""

from django.db.models import Q, QuerySet

from liveupdate.models import Request
from portal.access.models import Team, User
from portal.access.roles import Role


def operators_of(team: Team) -> QuerySet[User]:
    """Everybody who operates for a team, there or everywhere."""
    return _holders(team, Role.OPERATOR)


def approvers_of(team: Team) -> QuerySet[User]:
    """Everybody who is an approver of a team, there or everywhere, also who may not decide this time."""
    return _holders(team, Role.APPROVER)


def requester_and_operators(request: Request) -> list[User]:
    """The one who asked, and who can act on its run."""
    return [request.requester, *operators_of(request.team).exclude(pk=request.requester_id)]


def _holders(team: Team, role: Role) -> QuerySet[User]:
    here = Q(memberships__team=team) | Q(memberships__team=None)
    return User.objects.filter(here, is_active=True, memberships__role=role).distinct()
