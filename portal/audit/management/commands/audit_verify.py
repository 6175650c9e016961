"""`manage.py audit_verify`: was anything in the ledger altered, removed, inserted or reordered?"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from portal.audit.note import VerifierKey
from portal.audit.signer import SignerFiles
from portal.audit.verification.archive import check_archive
from portal.audit.verification.report import Report
from portal.audit.verification.whole import keep, verify_ledger
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status 0: nothing was. 1: something was, and the first bad entry is named. 2: no answer."""

    help = "Verify the whole ledger; exit 1 and name the first bad entry if anything was altered."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which key to trust."""
        super().add_arguments(parser)
        parser.add_argument("--vkey", default="", help="trust this verifier key instead of the key file's")
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            type=Path,
            help="a file of checkpoints kept elsewhere: one, an anchor file, or syslog; may be repeated",
        )
        parser.add_argument(
            "--archive", type=Path, metavar="DIR", help="verify an export or archive by itself instead"
        )

    def perform(self, options: dict[str, Any]) -> int:
        """Verify, remember the result, print it."""
        if options["archive"]:
            return self._archive(options["archive"])
        key = VerifierKey.parse(options["vkey"]) if options["vkey"] else None
        report = verify_ledger(key=key, copies=options["anchor"])
        keep(report)
        for warning in report.warnings:
            self.stderr.write(f"Warning: {warning}")
        for problem in report.problems:
            self.stderr.write(problem.message)
        self.show(report.as_dict())
        if not self.json_wanted:
            self._tell(report)
        return 0 if report.ok else 1

    def _archive(self, directory: Path) -> int:
        archive = check_archive(directory, SignerFiles.from_settings().log_keys())
        held = {"entries": len(archive.places), "chunks": len(archive.chunks), "size": archive.size}
        self.show({**held, "archive": archive.digest})
        self.say(f"Good: {held['entries']} of {archive.size} entries, {held['chunks']} output chunks.")
        self.say(archive.digest)
        return 0

    def _tell(self, report: Report) -> None:
        first = report.first_bad
        self.stdout.write(f"{report.size} entries, root {report.root}, {report.seconds:.1f} s")
        self.stdout.write(
            f"{report.runs} runs, {report.chunks} output chunks, {report.checkpoints} checkpoints, "
            f"{report.receipts} receipts"
        )
        self.stdout.write(f"{report.unsigned} entries not yet signed, {report.unsealed} not yet in order")
        for words in report.released:
            self.stdout.write(words)
        if report.checkpoint:
            self.stdout.write(f"Newest checkpoint:\n{report.checkpoint}")
        self.stdout.write(f"BAD: {first.message}" if first else "Good: nothing was altered.")
