"""How large a disk is, asked in three ways; where they differ it is not known.

`getconf DISK_SIZE` and `bootinfo -s` print whole MB, `lsmpio -q` two decimals of a larger unit. A
source that the host does not have, or that was not asked about this disk, is left out; one that
answers what nobody understands leaves the size unknown.
"""

from dataclasses import dataclass

from inventory.facts.aix.bootinfo_size import BOOTINFO_SIZE
from inventory.facts.aix.disk_size import DISK_SIZE
from inventory.facts.aix.lsmpio import LSMPIO
from inventory.facts.base import FactMissing
from liveupdate.lpar.subject import Subject


class SizesDiffer(FactMissing):
    """The sources disagree about a disk's size."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one source says of a disk, right to `rounding_mb`."""

    source: str
    mb: int
    rounding_mb: int = 0


def size_of(subject: Subject, disk: str) -> int:
    """The size of a disk in MB. Raises FactMissing where no source tells it, SizesDiffer."""
    found = measurements(subject, disk)
    if not found:
        raise _nothing(subject, disk)
    for other in found[1:]:
        if abs(other.mb - found[0].mb) > found[0].rounding_mb + other.rounding_mb:
            said = ", ".join(f"{each.source} says {each.mb} MB" for each in found)
            reason = f"the sources differ about the size of {disk}: {said}"
            raise SizesDiffer(DISK_SIZE.name, disk, subject.reading(DISK_SIZE, disk), reason)
    return found[0].mb


def measurements(subject: Subject, disk: str) -> list[Measurement]:
    """What each source says, the most exact first. Raises FactMissing for an answer not understood."""
    found = []
    for fact, source in ((DISK_SIZE, "getconf"), (BOOTINFO_SIZE, "bootinfo")):
        try:
            found.append(Measurement(source, subject.value(fact, disk)))
        except FactMissing as missing:
            if missing.reading is not None and missing.reading.output.status == 0:
                raise
    try:
        rows = [row for row in subject.value(LSMPIO) if row.name == disk]
    except FactMissing:
        rows = []
    return [*found, *(Measurement("lsmpio", row.size_mb, row.rounding_mb) for row in rows)]


def _nothing(subject: Subject, disk: str) -> FactMissing:
    try:
        subject.value(DISK_SIZE, disk)
    except FactMissing as missing:
        return missing
    return FactMissing(DISK_SIZE.name, disk, None, f"the size of {disk} has not been read yet")
