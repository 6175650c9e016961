"""`manage.py evidence (--run ID | --request ID | --team SLUG | --from DATE --to DATE) --out FILE.zip`."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from liveupdate.bundle.scope import Scope, scope_of
from liveupdate.bundle.script import verify_script
from liveupdate.bundle.writing import write_bundle
from liveupdate.management.moments import moment
from portal.audit.actor import Actor
from portal.lib.canonical import digest
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Write an evidence bundle that a stranger can check without the portal."""

    help = "Write the evidence about a run, a request, a team or a period into one file."

    def add_arguments(self, parser: CommandParser) -> None:
        """What it is about, and where to write."""
        super().add_arguments(parser)
        parser.add_argument("--run", type=int, metavar="ID")
        parser.add_argument("--request", metavar="ID", help="R-000104 or 104")
        parser.add_argument("--team", metavar="SLUG")
        parser.add_argument("--from", dest="begin", metavar="DATE", help="2026-01-01, in UTC, or with a time")
        parser.add_argument("--to", dest="end", metavar="DATE", help="up to this moment, not included")
        parser.add_argument("--out", required=True, metavar="FILE.zip")
        parser.add_argument("--pseudonyms", action="store_true", help="leave the names of people out")

    def perform(self, options: dict[str, Any]) -> int:
        """Write it and say what to do with it."""
        scope = _scope(options)
        written = write_bundle(
            scope,
            Path(options["out"]),
            Actor.command("evidence"),
            names=not options["pseudonyms"],
            told=lambda what, done, total: self.stderr.write(f"{what}: {done} of {total}"),
        )
        script = digest(verify_script().encode())
        self.show({**asdict(written), "scope": scope.words, "verify_py": script})
        self.say(f"{written.entries} entries, {written.files} files, {written.bytes:,} bytes: {written.path}")
        self.say(f"root {written.root} at {written.size} entries; verify.py is {script}")
        return 0


def _scope(options: dict[str, Any]) -> Scope:
    begin, end = (None if text is None else moment(text) for text in (options["begin"], options["end"]))
    return scope_of(options["run"], options["request"], options["team"], begin, end)
