"""`manage.py spool_reconcile`: does the ledger still hold everything that this machine's spool holds?

`--from DIR`: the same for the spool of a machine that is gone, copied here; output of it that the record does
not have yet is taken over.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from portal.audit.spool.brought import check_brought, take_output
from portal.audit.spool.place import spool_directory
from portal.audit.spool.reconcile import reconcile
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status 0: it does. 1: something was removed or altered, and is named; the alarm is raised."""

    help = "Compare a worker's spool with the ledger; exit 1 and name what the ledger has lost."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        super().add_arguments(parser)
        parser.add_argument(
            "--from", dest="brought", type=Path, metavar="DIR", help="a copy of another machine's spool"
        )

    def perform(self, options: dict[str, Any]) -> int:
        """Compare, alarm, remove what is old and all there, or take over output of what was brought."""
        brought: Path | None = options["brought"]
        if brought:
            check_brought(brought)
        found = reconcile(brought)
        taken = take_output(brought) if brought else []
        for name in taken:
            self.say(f"Taken over: {name}. This machine's worker brings it into the record.")
        for problem in found:
            self.stderr.write(problem.message)
        spool = str(brought or spool_directory())
        self.show({"spool": spool, "problems": [problem.message for problem in found], "taken": taken})
        self.say("BAD: the ledger has lost entries." if found else "Good: the ledger holds all of the spool.")
        return 1 if found else 0
