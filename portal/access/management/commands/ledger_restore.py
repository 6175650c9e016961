"""`manage.py ledger_restore`: two people open a portal again whose database was restored from a backup."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from portal.access.auditing.two_people import ceremony_of
from portal.audit.brought_back import brought_back
from portal.audit.restore import go_on_as_another, put_back
from portal.audit.signer import Signer, SignerFiles
from portal.audit.verification.receipts import notes_in
from portal.lib.errors import Invalid
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 done, 2 refused and nothing was changed. Run it as the sealer's account."""

    help = "Put lost entries back from exports and spools, or give them up and let the log go on as another."

    def add_arguments(self, parser: CommandParser) -> None:
        """How, who, why."""
        super().add_arguments(parser)
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument(
            "--from",
            dest="sources",
            action="append",
            type=Path,
            metavar="DIR",
            help="an export (audit_export) or a worker's spool that holds lost entries; may be repeated",
        )
        how.add_argument(
            "--give-up", action="store_true", help="the entries are lost; LEDGER_ORIGIN is a new name already"
        )
        parser.add_argument(
            "--checkpoint",
            required=True,
            type=Path,
            metavar="FILE",
            help="the newest checkpoint, from an anchor: a checkpoint, an anchor file, or syslog",
        )
        parser.add_argument("--first", required=True, metavar="USERNAME", help="one of the two")
        parser.add_argument("--second", required=True, metavar="USERNAME", help="the other")
        parser.add_argument("--reason", required=True)

    def perform(self, options: dict[str, Any]) -> int:
        """Ask both, do it, show the checkpoint under which it stands."""
        ceremony = ceremony_of(options["first"], options["second"], options["reason"])
        notes = [note for _, note in notes_in(options["checkpoint"])]
        if not notes:
            raise Invalid(f"{options['checkpoint']} holds no checkpoint.", code="file_not_readable")
        signer = Signer(SignerFiles.from_settings(), settings.LEDGER_ORIGIN)
        if options["give_up"]:
            checkpoint = go_on_as_another(signer, ceremony, notes[-1])
        else:
            checkpoint = put_back(signer, ceremony, notes[-1], options["sources"])
        back = brought_back()
        self.show({"size": checkpoint.size, "checkpoint": checkpoint.note, "brought_back": back})
        for sentence in back:
            self.say(sentence)
        self.say(f"The ledger goes on:\n{checkpoint.note}Now run audit_verify, then start the portal.")
        return 0
