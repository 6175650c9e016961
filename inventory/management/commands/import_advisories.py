"""`manage.py import_advisories FILE`: bring IBM's apar.csv in and compare the LPARs with it."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from inventory.actions.advisories import import_apar_list
from inventory.actions.exposures import compare_all
from portal.audit.actor import Actor
from portal.lib.errors import Invalid
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 every line was read, 1 some were not understood, 2 the file is not the list."""

    help = "Import IBM's list of security and HIPER faults (apar.csv) from a file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which file, and whether only to look at it."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="read the file and change nothing")

    def perform(self, options: dict[str, Any]) -> int:
        """Import, compare, and tell what was understood."""
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
        actor = Actor.command("import_advisories")
        done = import_apar_list(path.name, content, actor=actor, person=None, dry_run=options["dry_run"])
        if done.file is not None:
            compare_all(done.file.pk)
        read = done.read
        self.show(
            {
                "advisories": len(read.advisories),
                "skipped": read.skipped,
                "published_on": read.published_on,
                "refused": [{"line": refusal.line, "reason": refusal.reason} for refusal in read.refused],
                "imported": done.file is not None,
            }
        )
        for refusal in read.refused:
            self.say(f"line {refusal.line}: {refusal.reason}")
        self.say(f"{len(read.advisories)} advisories on AIX, {read.skipped} lines on other products.")
        return 1 if read.refused else 0
