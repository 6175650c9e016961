"""`manage.py add_team NAME`: a team, to own LPARs together."""

from typing import Any

from django.core.management.base import CommandParser

from portal.access.actions import add_team
from portal.audit.actor import Actor
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 added, 2 refused."""

    help = "Add a team. Import files and --team name it by its name or its slug."

    def add_arguments(self, parser: CommandParser) -> None:
        """The name."""
        super().add_arguments(parser)
        parser.add_argument("name")

    def perform(self, options: dict[str, Any]) -> int:
        """Add it."""
        team = add_team(options["name"], by=Actor.command("add_team"))
        self.show({"name": team.name, "slug": team.slug})
        self.say(f"Added the team {team.name}, slug {team.slug}.")
        return 0
