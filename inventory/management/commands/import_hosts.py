"""`manage.py import_hosts FILE`: bring hosts in from CSV or YAML, all or nothing."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from inventory.actions.imports import import_hosts
from portal.access.models import User
from portal.audit.actor import Actor
from portal.lib.errors import Invalid
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 imported (or the dry run is clean), 1 rows are bad and nothing was written."""

    help = "Import HMCs, managed systems, NIM masters and LPARs from a CSV or YAML file."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and whether to write."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check and show, write nothing")
        parser.add_argument("--as-user", default="", help="the administrator who accepts the host keys")

    def perform(self, options: dict[str, Any]) -> int:
        """Import and say what changed, or name every bad row."""
        path: Path = options["file"]
        person = _person(options["as_user"])
        actor = Actor.person(person.public_id) if person else Actor.command("import_hosts")
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
        result = import_hosts(path.name, content, actor=actor, person=person, dry_run=options["dry_run"])
        self.show(
            {
                "applied": result.applied,
                "dry_run": options["dry_run"],
                "changes": [asdict(change) for change in result.changes],
                "problems": [asdict(problem) for problem in result.problems],
            }
        )
        for problem in result.problems:
            self.stderr.write(f"{path.name} {problem}")
        if result.problems:
            self.stderr.write("Nothing was imported.")
            return 1
        counts = {what: 0 for what in ("new", "changed", "unchanged")}
        for change in result.changes:
            counts[change.what] += 1
        told = ", ".join(f"{count} {what}" for what, count in counts.items())
        self.say(f"{'Imported' if result.applied else 'Would import'}: {told}.")
        return 0


def _person(username: str) -> User | None:
    if not username:
        return None
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise Invalid(f"There is no active person {username}.")
    return person
