"""`manage.py ledger_key ACT`: two people change the ledger's signing key, or mend the signer."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from portal.access.auditing.two_people import ceremony_of
from portal.audit.ceremony import recover, replace, rotate
from portal.audit.signer import Signer, SignerFiles
from portal.web.commands import PortalCommand

ACTS = {"rotate": rotate, "replace": replace, "recover": recover}


class Command(PortalCommand):
    """Exit status: 0 done, 2 refused and nothing was signed. Run it as the sealer's account."""

    help = (
        "rotate: a new key, for which the old one signs. replace: a new key where the old one is lost. "
        "recover: the signer's memory from the entries, where it is lost."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What, who, why."""
        super().add_arguments(parser)
        parser.add_argument("act", choices=ACTS)
        parser.add_argument("--first", required=True, metavar="USERNAME", help="one of the two")
        parser.add_argument("--second", required=True, metavar="USERNAME", help="the other")
        parser.add_argument("--reason", required=True)

    def perform(self, options: dict[str, Any]) -> int:
        """Ask both, do it, show the checkpoint under which it stands."""
        ceremony = ceremony_of(options["first"], options["second"], options["reason"])
        files = SignerFiles.from_settings()
        checkpoint = ACTS[options["act"]](Signer(files, settings.LEDGER_ORIGIN), ceremony)
        newest = files.log_keys().newest
        self.show({"key": str(newest), "size": checkpoint.size, "checkpoint": checkpoint.note})
        self.say(f"The key is {newest}.\n{checkpoint.note}")
        return 0
