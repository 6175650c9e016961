"""`manage.py deactivate USERNAME`: shut somebody out who left; what they did stays."""

from typing import Any

from django.core.management.base import CommandParser

from portal.access.actions import set_active
from portal.access.lookup import person_named
from portal.audit.actor import Actor
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 done, 2 refused."""

    help = "Shut a person out at once, or with --undo let them in again. Roles stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who."""
        super().add_arguments(parser)
        parser.add_argument("username")
        parser.add_argument("--undo", action="store_true", help="activate the person again")

    def perform(self, options: dict[str, Any]) -> int:
        """Do it."""
        person, active = person_named(options["username"]), bool(options["undo"])
        set_active(person, active, by=Actor.command("deactivate"))
        self.show({"username": person.username, "active": active})
        self.say(f"{'Activated' if active else 'Deactivated'} {person}.")
        return 0
