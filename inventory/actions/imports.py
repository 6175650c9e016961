"""Bring hosts into the inventory from a file: all rows or none."""

from dataclasses import dataclass

from django.db import transaction

from inventory.imports.apply import Change, Importer
from inventory.imports.reader import Row, read_rows
from inventory.imports.schema import EntryKind, Problem, check_row
from inventory.lpar_state import enter_lpar_change
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.canonical import digest


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What the file would change or has changed, and why it was not taken."""

    changes: list[Change]
    problems: list[Problem]
    applied: bool


def import_hosts(
    filename: str, content: bytes, *, actor: Actor, person: User | None, dry_run: bool
) -> ImportResult:
    """Check the file and, unless `dry_run` or any row is bad, write it.

    A person needs the administrator's role; without one the actor is a command run on the portal's
    machine. Raises Invalid when the file cannot be read at all, NotAllowed.
    """
    if person is not None:
        require(person, {Role.ADMINISTRATOR}, None, "import hosts")
    rows = read_rows(filename, content)
    problems = [problem for row in rows for problem in check_row(row)] + _repeated(rows)
    if problems:
        return ImportResult([], sorted(problems, key=lambda problem: problem.line), applied=False)
    with transaction.atomic():
        importer = Importer(person)
        importer.apply(rows)
        applied = not dry_run and not importer.problems
        if applied:
            _enter(filename, content, importer, actor)
        else:
            transaction.set_rollback(True)
    return ImportResult(importer.changes, importer.problems, applied)


def _repeated(rows: list[Row]) -> list[Problem]:
    """Rows that describe one thing twice: by name among hosts, by serial, by partition UUID."""
    problems: list[Problem] = []
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        keys = [("serial", row["serial"])] if row["kind"] == EntryKind.MANAGED_SYSTEM else []
        keys += [("name", row["name"])] if row["kind"] != EntryKind.MANAGED_SYSTEM else []
        keys += [("uuid", row["managed_system"] + row["uuid"].upper())] if row["uuid"] else []
        for key in keys:
            first = seen.setdefault(key, row.line)
            if first != row.line:
                problems.append(Problem(row.line, key[0], f"stands in line {first} already."))
    return problems


def _enter(filename: str, content: bytes, importer: Importer, actor: Actor) -> None:
    changed = [change for change in importer.changes if change.what != "unchanged"]
    record(
        Event.INVENTORY_IMPORT,
        actor,
        {"file": filename},
        {
            "file_digest": digest(content),
            "rows": len(importer.changes),
            "changes": [
                {
                    "kind": change.kind,
                    "name": change.name,
                    "what": change.what,
                    "fields": sorted(change.fields),
                }
                for change in changed[:200]
            ],
            "changes_total": len(changed),
        },
    )
    for lpar, before in importer.lpars:
        enter_lpar_change(lpar, before, actor)
    for key in importer.pinned:
        record(
            Event.HOSTKEY_PIN,
            actor,
            {"host": key.host.name},
            {"fingerprint": key.fingerprint, "by": "import"},
        )
