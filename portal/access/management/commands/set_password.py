"""`manage.py set_password USERNAME`: for somebody who cannot sign in any more."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from portal.access.actions import set_password
from portal.access.lookup import asked_password, person_named
from portal.audit.actor import Actor
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 set, 2 refused."""

    help = "Give a person another password, asked for or read from a file; their sessions end."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who."""
        super().add_arguments(parser)
        parser.add_argument("username")
        parser.add_argument("--password-file", type=Path, help="a file whose first line is the password")

    def perform(self, options: dict[str, Any]) -> int:
        """Set it."""
        person = person_named(options["username"])
        set_password(person, asked_password(options["password_file"]), by=Actor.command("set_password"))
        self.show({"username": person.username})
        self.say(f"Set the password of {person}.")
        return 0
