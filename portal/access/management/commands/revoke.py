"""`manage.py revoke USERNAME ROLE [--team TEAM]`: take a role away, at once."""

from portal.access.actions import revoke
from portal.access.management.role_command import RoleCommand
from portal.access.models import Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor


class Command(RoleCommand):
    """Exit status: 0 revoked, 2 refused."""

    help = "Take a role from a person, in one team or in all."
    done = "Revoked"

    def change(self, person: User, role: Role, team: Team | None) -> None:
        """Revoke it."""
        revoke(person, role, team, by=Actor.command("revoke"))
