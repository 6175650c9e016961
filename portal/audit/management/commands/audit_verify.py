"""`manage.py audit_verify`: was anything in the ledger altered, removed, inserted or reordered?"""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit.note import VerifierKey
from portal.audit.verification.report import Report
from portal.audit.verification.whole import keep, verify_ledger
from portal.lib.errors import PortalError


class Command(BaseCommand):
    """Exit status 0: nothing was. 1: something was, and the first bad entry is named."""

    help = "Verify the whole ledger; exit 1 and name the first bad entry if anything was altered."

    def add_arguments(self, parser: CommandParser) -> None:
        """How to print, and which key to trust."""
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument("--vkey", default="", help="trust this verifier key instead of the key file's")

    def handle(self, *, json: bool, vkey: str, **_options: Any) -> None:
        """Verify, remember the result, print it."""
        try:
            report = verify_ledger(key=VerifierKey.parse(vkey) if vkey else None)
        except PortalError as error:
            raise CommandError(f"{error.message} {error.remedy}") from error
        keep(report)
        self._print(report, as_json=json)
        if not report.ok:
            sys.exit(1)

    def _print(self, report: Report, *, as_json: bool) -> None:
        for warning in report.warnings:
            self.stderr.write(f"Warning: {warning}")
        for problem in report.problems:
            self.stderr.write(problem.message)
        if as_json:
            self.stdout.write(json.dumps(report.as_dict(), sort_keys=True))
            return
        first = report.first_bad
        self.stdout.write(f"{report.size} entries, root {report.root}, {report.seconds:.1f} s")
        self.stdout.write(
            f"{report.runs} runs, {report.chunks} output chunks, {report.checkpoints} checkpoints"
        )
        self.stdout.write(f"{report.unsigned} entries not yet signed, {report.unsealed} not yet in order")
        if report.checkpoint:
            self.stdout.write(f"Newest checkpoint:\n{report.checkpoint}")
        self.stdout.write(f"BAD: {first.message}" if first else "Good: nothing was altered.")
