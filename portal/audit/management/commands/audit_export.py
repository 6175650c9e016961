"""`manage.py audit_export --out DIR`: the whole ledger as files that other tools can check."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.export import check_unused, export_ledger
from portal.audit.record import record
from portal.audit.sealer import wait_until_sealed
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Enter the export into the ledger, have it signed, write everything up to that checkpoint."""

    help = "Write the whole ledger into a directory (C2SP tlog-tiles), with checkpoint and public key."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to write."""
        super().add_arguments(parser)
        parser.add_argument("--out", required=True, metavar="DIR", help="a new or empty directory")

    def perform(self, options: dict[str, Any]) -> int:
        """Export."""
        directory = Path(options["out"])
        check_unused(directory)
        with transaction.atomic():
            entered = record(Event.EXPORT_CREATE, Actor.command("audit_export"), {}, {"scope": "ledger"})
        wait_until_sealed(entered)
        export = export_ledger(directory)
        self.show(asdict(export))
        self.say(f"{export.size} entries, {export.chunks} output chunks: {export.directory}")
        self.say(f"root {export.root}")
        return 0
