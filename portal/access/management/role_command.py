"""What `grant` and `revoke` share."""

from typing import Any

from django.core.management.base import CommandParser

from portal.access.lookup import person_named, team_named
from portal.access.models import Team, User
from portal.access.roles import Role
from portal.web.commands import PortalCommand


class RoleCommand(PortalCommand):
    """A command about one role of one person; `change` does it, `done` is its past tense."""

    done = ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, which role, where."""
        super().add_arguments(parser)
        parser.add_argument("username")
        parser.add_argument("role", choices=Role.values)
        parser.add_argument("--team", default="", help="name or slug of the team; all teams otherwise")

    def perform(self, options: dict[str, Any]) -> int:
        """Change the role and say so."""
        person, role = person_named(options["username"]), Role(options["role"])
        team = team_named(options["team"])
        self.change(person, role, team)
        self.show({"username": person.username, "role": role.value, "team": team and team.slug})
        self.say(f"{self.done}: {role.label} of {team or 'all teams'}, {person}.")
        return 0

    def change(self, person: User, role: Role, team: Team | None) -> None:
        """Change the role."""
        raise NotImplementedError
