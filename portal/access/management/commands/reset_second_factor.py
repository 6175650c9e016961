"""`manage.py reset_second_factor USERNAME`: for an administrator who lost app and recovery codes."""

from typing import Any

from django.core.management.base import CommandParser

from portal.access.lookup import person_named
from portal.access.second_factor.actions import remove_second_factor
from portal.audit.actor import Actor
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 reset, 2 refused."""

    help = "Remove a person's second factor; their password alone signs them in until they set up another."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who."""
        super().add_arguments(parser)
        parser.add_argument("username")

    def perform(self, options: dict[str, Any]) -> int:
        """Reset it."""
        person = person_named(options["username"])
        remove_second_factor(person, by=Actor.command("reset_second_factor"))
        self.show({"username": person.username})
        self.say(f"Reset the second factor of {person}.")
        return 0
