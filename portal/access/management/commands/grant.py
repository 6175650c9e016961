"""`manage.py grant USERNAME ROLE [--team TEAM]`: give somebody a role."""

from portal.access.actions import grant
from portal.access.management.role_command import RoleCommand
from portal.access.models import Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor


class Command(RoleCommand):
    """Exit status: 0 granted, 2 refused."""

    help = "Give a person a role, in one team or in all."
    done = "Granted"

    def change(self, person: User, role: Role, team: Team | None) -> None:
        """Grant it."""
        grant(person, role, team, by=Actor.command("grant"))
