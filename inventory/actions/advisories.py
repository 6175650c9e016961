"""Bring IBM's list of security and HIPER faults in, from a file."""

from dataclasses import dataclass

from django.db import transaction

from inventory.compliance.apar_list import AparList, Range, read_apar_list
from inventory.models import Advisory, AparFile
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.canonical import digest


@dataclass(frozen=True, slots=True)
class ListImport:
    """What the file holds, and the list that was made of it (None: only looked at)."""

    read: AparList
    file: AparFile | None


def import_apar_list(
    filename: str, content: bytes, *, actor: Actor, person: User | None, dry_run: bool
) -> ListImport:
    """Read the file and, unless `dry_run`, make it the list that counts.

    A person needs the administrator's role; without one the actor is a command run on the portal's
    machine. Lines that are not understood are kept with their reasons, never guessed. The LPARs are
    compared with the new list by a worker. Raises BadList, NotAllowed.
    """
    if person is not None:
        require(person, {Role.ADMINISTRATOR}, None, "import IBM's list of faults")
    read = read_apar_list(content)
    if dry_run:
        return ListImport(read, None)
    with transaction.atomic():
        file = AparFile.objects.create(
            filename=filename[:200],
            digest=digest(content),
            content=content,
            published_on=read.published_on,
            skipped=read.skipped,
            refused=[{"line": refusal.line, "reason": refusal.reason} for refusal in read.refused],
            imported_by=person,
        )
        Advisory.objects.exclude(file=file).delete()
        Advisory.objects.bulk_create(_rows(file, read), batch_size=500)
        record(
            Event.INVENTORY_IMPORT,
            actor,
            {"file": filename},
            {
                "file_digest": file.digest,
                "advisories": len(read.advisories),
                "refused": len(read.refused),
                "skipped": read.skipped,
            },
        )
    return ListImport(read, file)


def _rows(file: AparFile, read: AparList) -> list[Advisory]:
    return [
        Advisory(
            file=file,
            line=advisory.line,
            type=advisory.type,
            apar=advisory.apar[:60],
            abstract=advisory.abstract,
            fixed_in=advisory.fixed_in[:60],
            packages=list(advisory.packages),
            ranges=[_range(affected) for affected in advisory.ranges],
            bulletin=advisory.bulletin,
            cves=" ".join(advisory.cves),
            cvss=advisory.cvss,
            reboot=advisory.reboot,
            issued_on=advisory.issued_on,
            updated_on=advisory.updated_on,
        )
        for advisory in read.advisories
    ]


def _range(affected: Range) -> dict[str, str | bool]:
    low = "" if affected.low is None else _level(affected.low)
    return {
        "fileset": affected.fileset,
        "low": low,
        "high": _level(affected.high),
        "below": affected.below,
    }


def _level(parts: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in parts)
