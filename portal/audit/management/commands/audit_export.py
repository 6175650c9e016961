"""`manage.py audit_export --out DIR`: the whole ledger as files that other tools can check."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.export import export_ledger
from portal.audit.record import record
from portal.audit.sealer import wait_until_sealed
from portal.lib.errors import PortalError


class Command(BaseCommand):
    """Enter the export into the ledger, have it signed, write everything up to that checkpoint."""

    help = "Write the whole ledger into a directory (C2SP tlog-tiles), with checkpoint and public key."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to write, and how to print."""
        parser.add_argument("--out", required=True, metavar="DIR", help="a new or empty directory")
        parser.add_argument("--json", action="store_true", help="print what was written as JSON")

    def handle(self, *, out: str, json: bool, **_options: Any) -> None:
        """Export."""
        with transaction.atomic():
            entered = record(Event.EXPORT_CREATE, Actor.command("audit_export"), {}, {"scope": "ledger"})
        try:
            wait_until_sealed(entered)
            export = export_ledger(Path(out))
        except PortalError as error:
            raise CommandError(f"{error.message} {error.remedy}") from error
        self._print(asdict(export), as_json=json)

    def _print(self, export: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(export, sort_keys=True))
            return
        self.stdout.write(
            f"{export['size']} entries, {export['chunks']} output chunks: {export['directory']}"
        )
        self.stdout.write(f"root {export['root']}")
