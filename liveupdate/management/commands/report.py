"""`manage.py report KIND --from DATE --to DATE [--as-of MOMENT] --format FORMAT --out FILE`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from liveupdate.actions.reports import make_now
from liveupdate.management.moments import moment
from liveupdate.reports.catalogue import Question
from liveupdate.reports.document import Period
from liveupdate.reports.formats.files import FORMATS, file_of
from liveupdate.reports.kinds import KINDS
from portal.audit.actor import Actor
from portal.lib.canonical import digest
from portal.lib.errors import Invalid
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Write one report into a file."""

    help = "Write a report about a period into a file; that it was made is entered into the ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which report, about what, in which format, and where to write."""
        super().add_arguments(parser)
        parser.add_argument("kind", choices=list(KINDS))
        parser.add_argument(
            "--from", dest="begin", required=True, metavar="DATE", help="2026-01-01, in UTC, or with a time"
        )
        parser.add_argument(
            "--to", dest="end", required=True, metavar="DATE", help="up to this moment, not included"
        )
        parser.add_argument("--as-of", metavar="MOMENT", help="as it could be known then; now, if left out")
        parser.add_argument("--team", default="", metavar="SLUG", help="all teams, if left out")
        parser.add_argument("--zone", default="UTC", metavar="ZONE", help="in which times are printed")
        parser.add_argument("--format", choices=list(FORMATS), default="pdf")
        parser.add_argument("--bom", action="store_true", help="begin CSV files with a byte order mark")
        parser.add_argument("--out", required=True, metavar="FILE")
        parser.add_argument("--pseudonyms", action="store_true", help="leave the names of people out")

    def perform(self, options: dict[str, Any]) -> int:
        """Write it and print its digest, and of which ledger it is."""
        out = Path(options["out"])
        if out.exists():
            raise Invalid(f"{out} is there already.", remedy="Name a new file.", code="file_exists")
        period = Period(moment(options["begin"]), moment(options["end"]), options["zone"])
        as_of = moment(options["as_of"]) if options["as_of"] else None
        report = make_now(
            Question(options["kind"], period, options["team"], as_of),
            Actor.command("report"),
            lambda what, done, of: self.stderr.write(f"{what}: {done} of {of}"),
            names=not options["pseudonyms"],
        )
        made = file_of(report, options["format"], bom=options["bom"])
        out.write_bytes(made.content)
        standing = report.standing
        self.show(
            {
                "path": str(out),
                "digest": report.digest,
                "sha256": digest(made.content),
                "ledger_size": standing.size,
                "ledger_root": standing.root,
            }
        )
        self.say(f"{report.title}, {len(made.content):,} bytes: {out}")
        self.say(f"{report.digest}; ledger of {standing.size} entries, root {standing.root}")
        return 0
