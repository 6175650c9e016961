"""The disks of an LPAR as its page shows them: whose they are, and which plan holds them."""

from dataclasses import dataclass

from inventory.models import Disk, Lpar
from liveupdate.lpar.disks import by_number
from liveupdate.models import DiskReservation, Request
from liveupdate.records.reservations import reservations_on


@dataclass(frozen=True, slots=True)
class DiskRow:
    """A disk; `request` is the one whose plan holds it as `role`, on `holder` if that is another LPAR."""

    disk: Disk
    is_clone: bool
    role: str
    request: Request | None
    holder: Lpar | None


def disk_rows(lpar: Lpar) -> list[DiskRow]:
    """The LPAR's disks with what plans hold of them, by whatever name another LPAR has for a disk."""
    disks = sorted(lpar.disks.all(), key=lambda disk: by_number(disk.name))
    held = list(reservations_on(lpar, disks))
    return [_row(lpar, disk, held) for disk in disks]


def _row(lpar: Lpar, disk: Disk, held: list[DiskReservation]) -> DiskRow:
    row = next((each for each in held if each.is_on(lpar, disk.name, disk.pvid, disk.volume)), None)
    return DiskRow(
        disk=disk,
        is_clone=disk.name in lpar.rollback_clone_disk.replace(",", " ").split(),
        role=row.role if row else "",
        request=row.request if row else None,
        holder=row.lpar if row and row.lpar_id != lpar.pk else None,
    )
