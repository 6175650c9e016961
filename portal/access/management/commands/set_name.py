"""`manage.py set_name USERNAME`: for somebody whose name or mail changed, or was never committed to."""

from typing import Any

from django.core.management.base import CommandParser

from portal.access.actions import set_name
from portal.access.lookup import person_named
from portal.audit.actor import Actor
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 set, 2 refused."""

    help = "Change a person's name or mail and enter a commitment to them; what is not given stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and what is new."""
        super().add_arguments(parser)
        parser.add_argument("username")
        parser.add_argument("--first", help="first name")
        parser.add_argument("--last", help="last name")
        parser.add_argument("--email", help="mail address")

    def perform(self, options: dict[str, Any]) -> int:
        """Set it."""
        person = person_named(options["username"])
        set_name(
            person,
            first_name=_either(options["first"], person.first_name),
            last_name=_either(options["last"], person.last_name),
            email=_either(options["email"], person.email),
            by=Actor.command("set_name"),
        )
        self.show({"username": person.username, "public_id": person.public_id})
        self.say(f"The ledger holds a commitment to name and mail of {person.username}.")
        return 0


def _either(given: str | None, kept: str) -> str:
    return kept if given is None else given
