"""`manage.py set_name`: somebody's name or mail changed; `--missing`: people of a version before."""

from typing import Any

from django.core.management.base import CommandParser

from portal.access.actions import commit_to_names, set_name
from portal.access.lookup import person_named
from portal.audit.actor import Actor
from portal.web.commands import PortalCommand

BY = Actor.command("set_name")


class Command(PortalCommand):
    """Exit status: 0 set, 2 refused."""

    help = "Change a person's name or mail and enter a commitment to them; what is not given stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and what is new."""
        super().add_arguments(parser)
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("username", nargs="?")
        whom.add_argument("--missing", action="store_true", help="everybody whom no commitment speaks of")
        parser.add_argument("--first", help="first name")
        parser.add_argument("--last", help="last name")
        parser.add_argument("--email", help="mail address")

    def perform(self, options: dict[str, Any]) -> int:
        """Set it, or commit to the names that are there."""
        if options["missing"]:
            people = commit_to_names(by=BY)
            self.show([{"username": each.username, "public_id": each.public_id} for each in people])
            self.say(
                f"The ledger holds a commitment to everybody's name and mail, {len(people)} of them new."
            )
            return 0
        person = person_named(options["username"])
        set_name(
            person,
            first_name=_either(options["first"], person.first_name),
            last_name=_either(options["last"], person.last_name),
            email=_either(options["email"], person.email),
            by=BY,
        )
        self.show({"username": person.username, "public_id": person.public_id})
        self.say(f"The ledger holds a commitment to name and mail of {person.username}.")
        return 0


def _either(given: str | None, kept: str) -> str:
    return kept if given is None else given
