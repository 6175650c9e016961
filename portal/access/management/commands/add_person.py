"""`manage.py add_person USERNAME`: somebody who signs in, with the roles they start with."""

from argparse import Action, ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from portal.access.actions import add_person, grant
from portal.access.lookup import asked_password, team_named
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 added, 2 refused and nothing was added."""

    help = "Add a person. The password is asked for, or read from a file; it is never an argument."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name, address, roles."""
        super().add_arguments(parser)
        parser.add_argument("username")
        parser.add_argument("--first", default="", help="first name")
        parser.add_argument("--last", default="", help="last name")
        parser.add_argument("--email", default="")
        parser.add_argument("--password-file", type=Path, help="a file whose first line is the password")
        parser.add_argument(
            "--role",
            dest="roles",
            action=_NextRole,
            default=[],
            choices=Role.values,
            help="a role in all teams, or in the --team that follows it; may be repeated",
        )
        parser.add_argument("--team", action=_TeamOfRole, help="the team of the --role before it")

    def perform(self, options: dict[str, Any]) -> int:
        """Add the person and grant the roles, all or nothing."""
        actor = Actor.command("add_person")
        wanted = [(Role(role), team_named(team)) for role, team in options["roles"]]
        password = asked_password(options["password_file"])
        with transaction.atomic():
            person = add_person(
                options["username"],
                password,
                by=actor,
                first_name=options["first"],
                last_name=options["last"],
                email=options["email"],
            )
            granted = [grant(person, role, team, by=actor) for role, team in wanted]
        roles = [{"role": str(each.role), "team": each.team and each.team.slug} for each in granted]
        self.show({"username": person.username, "public_id": person.public_id, "roles": roles})
        self.say(f"Added {person.username}, known to the ledger as {person.public_id}.")
        for each in granted:
            self.say(f"Granted {each}.")
        return 0


class _NextRole(Action):
    """Collects (role, team) pairs, the team still empty."""

    def __call__(
        self, _parser: ArgumentParser, to: Namespace, value: Any, _option: str | None = None
    ) -> None:
        to.roles = [*to.roles, (value, "")]


class _TeamOfRole(Action):
    """Fills in the team of the role before it."""

    def __call__(self, parser: ArgumentParser, to: Namespace, value: Any, _option: str | None = None) -> None:
        if not to.roles or to.roles[-1][1]:
            parser.error("--team stands after the --role that it belongs to")
        to.roles = [*to.roles[:-1], (to.roles[-1][0], str(value))]
