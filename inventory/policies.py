"""Who sees what of the inventory."""

from django.db.models import QuerySet

from inventory.models import Host, Lpar
from portal.access.models import User
from portal.access.policies import SEE_EVERYTHING, Person, of_visible_teams, roles
from portal.access.roles import Role


def visible_lpars(person: Person, *, with_retired: bool = False) -> QuerySet[Lpar]:
    """The LPARs that a person may see: those of their teams, or all with a role everywhere.

    Retired ones only where their history is asked for.
    """
    return of_visible_teams(person, Lpar.objects.all() if with_retired else Lpar.objects.in_service())


def visible_hosts(person: Person) -> QuerySet[Host]:
    """Endpoints with their accounts and keys: for those who see everything."""
    if roles(person, None) & SEE_EVERYTHING:
        return Host.objects.all()
    return Host.objects.none()


def administers(person: User) -> bool:
    """Whether a person imports hosts and accepts host keys."""
    return Role.ADMINISTRATOR in roles(person, None)
