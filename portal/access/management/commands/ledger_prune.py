"""`manage.py ledger_prune`: two people let old output or old entries go, once an archive holds them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from portal.access.auditing.two_people import ceremony_of
from portal.audit.pruning import prune
from portal.lib.errors import Invalid
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 done, 2 refused and nothing was deleted. Run it as the tables' owner."""

    help = "Archive output or entries from before a date, verify that, then delete them, by two people."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, until when, where to, who, why."""
        super().add_arguments(parser)
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--chunks", dest="what", action="store_const", const="chunks", help="stored output")
        what.add_argument(
            "--entries", dest="what", action="store_const", const="entries", help="bytes of entries"
        )
        parser.add_argument("--before", required=True, metavar="DATE", help="YYYY-MM-DD, in UTC")
        parser.add_argument(
            "--archive", required=True, type=Path, metavar="DIR", help="a new or empty directory"
        )
        parser.add_argument("--first", required=True, metavar="USERNAME", help="one of the two")
        parser.add_argument("--second", required=True, metavar="USERNAME", help="the other")
        parser.add_argument("--reason", required=True)

    def perform(self, options: dict[str, Any]) -> int:
        """Ask both, do it, say what went."""
        try:
            before = datetime.strptime(options["before"], "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError as error:
            raise Invalid(f"{options['before']} is no date.", code="period_not_possible") from error
        act = "let bytes of the ledger go"
        ceremony = ceremony_of(options["first"], options["second"], options["reason"], act)
        done = prune(options["what"], before, options["archive"], ceremony)
        self.show({"what": done.what, "count": done.count, "entry": done.entry, "archive": done.archive})
        things = "entries" if done.what == "entries" else "pieces of output"
        self.say(f"{done.count} {things} pruned by entry #{done.entry}; keep {options['archive']}:")
        self.say(done.archive)
        return 0
