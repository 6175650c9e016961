"""`manage.py redact_late`: two people let output go in which a secret was found later."""

from typing import Any

from django.core.management.base import CommandParser

from portal.access.auditing.two_people import ceremony_of
from portal.audit.withholding import Place, withhold
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 done, 2 refused and nothing was deleted. Run it as the tables' owner."""

    help = "Delete stored output (whole pieces of 64 KiB) that holds a secret; its digests stay."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where, who, why."""
        super().add_arguments(parser)
        parser.add_argument("--run", type=int, required=True)
        parser.add_argument("--command", dest="number", type=int, required=True, help="its number in the run")
        parser.add_argument("--stream", choices=["stdout", "stderr"], default="stdout")
        parser.add_argument("--from", dest="begin", type=int, required=True, help="the secret's first byte")
        parser.add_argument("--to", dest="end", type=int, required=True, help="the byte after its last")
        parser.add_argument("--first", required=True, metavar="USERNAME", help="one of the two")
        parser.add_argument("--second", required=True, metavar="USERNAME", help="the other")
        parser.add_argument("--reason", required=True, help="why; it must not hold the secret")

    def perform(self, options: dict[str, Any]) -> int:
        """Ask both, do it, say what went."""
        act = "withhold output"
        ceremony = ceremony_of(options["first"], options["second"], options["reason"], act)
        place = Place(*(options[name] for name in ("run", "number", "stream", "begin", "end")))
        done = withhold(place, ceremony)
        self.show({"entry": done.entry, "withheld": list(done.digests)})
        self.say(f"{len(done.digests)} pieces of output are withheld by entry #{done.entry}.")
        self.say("Change the secret; delete it from exports, archives and backups as well.")
        return 0
