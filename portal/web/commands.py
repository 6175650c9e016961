"""Base of the commands that scripts rely on: JSON on standard output, messages on standard error."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.lib.errors import PortalError


class PortalCommand(BaseCommand):
    """A command with `--json` and an honest exit status.

    `perform` returns the exit status: 0 for yes, 1 for an honest no; 2 is for what could not be done
    at all (a PortalError or wrong usage).
    """

    json_wanted = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Every command has `--json`; subclasses add their own."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Perform the command and leave with its status."""
        self.json_wanted = bool(options["json"])
        try:
            status = self.perform(options)
        except PortalError as error:
            if self.json_wanted:
                self.show({"error": error.as_dict()})
            raise CommandError(f"{error.message} {error.remedy}".strip(), returncode=2) from error
        if status:
            sys.exit(status)

    def perform(self, options: dict[str, Any]) -> int:
        """What the command does. Returns its exit status."""
        raise NotImplementedError

    def show(self, result: Any) -> None:
        """Print the result as JSON, if that is wanted."""
        if self.json_wanted:
            self.stdout.write(json.dumps(result, indent=2, sort_keys=True, default=str))

    def say(self, message: str) -> None:
        """A message for people: on standard error with `--json`, else on standard output."""
        (self.stderr if self.json_wanted else self.stdout).write(message)
