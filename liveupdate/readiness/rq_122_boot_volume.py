"""RQ-122: the boot logical volume lies in one piece."""

from inventory.facts.aix.boot_volume import BOOT_VOLUME, Copy
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    copies = subject.value(BOOT_VOLUME)
    evidence = (quoted(subject, BOOT_VOLUME),)
    broken = [copy for copy in copies if not _in_one_piece(copy)]
    if broken:
        where = "; ".join(", ".join(f"{disk} {number}" for disk, number in copy) for copy in broken)
        return Outcome(FindingState.WARNING, f"hd5 lies in several pieces: {where}.", evidence)
    disks = ", ".join(copy[0][0] for copy in copies)
    return Outcome(FindingState.OK, f"hd5 lies in one piece on {disks}.", evidence)


def _in_one_piece(copy: Copy) -> bool:
    disk, first = copy[0]
    return list(copy) == [(disk, first + offset) for offset in range(len(copy))]


CHECK = Check(
    id="RQ-122",
    title="hd5 in one piece",
    why="Firmware reads the boot image as one run of blocks: a boot volume in pieces does not boot.",
    remedy="Make hd5 anew on contiguous partitions (rmlv hd5, mklv -y hd5 -t boot -a e rootvg N DISK, "
    "bosboot -ad DISK).",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-122",
    see="lslv -m hd5 (consecutive partitions on one disk for each copy)",
    recalled=True,
)
