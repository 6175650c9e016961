"""RQ-104: each spare disk is as large as the rootvg disk."""

from inventory.facts.aix.disk_size import DISK_SIZE
from inventory.facts.aix.lspv import LSPV
from liveupdate.disks import NoDisks, choose, why_not_free
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.subject import Subject


def _test(subject: Subject) -> Outcome:
    try:
        choice = choose(subject, reclaim=True)
    except NoDisks as lacking:
        return _too_small(subject, lacking)
    disks = (*choice.rootvg, *choice.nhdisk, *choice.mhdisk)
    evidence = tuple(quoted(subject, DISK_SIZE, disk) for disk in disks)
    if choice.larger:
        message = (
            f"{', '.join(choice.larger)} is larger than the {choice.needed_mb} MB of rootvg's disk. "
            "Whether Live Update wants equal size is not documented beyond doubt."
        )
        return Outcome(FindingState.WARNING, message, evidence)
    message = f"The chosen disks have {choice.needed_mb} MB, as rootvg's disk has."
    return Outcome(FindingState.OK, message, evidence)


def _too_small(subject: Subject, lacking: NoDisks) -> Outcome:
    small = [reason for reason in lacking.reasons if " MB " in reason]
    if not small:
        return Outcome(FindingState.NOT_APPLICABLE, "There are no spare disks to measure.")
    free = [disk.name for disk in subject.value(LSPV) if not why_not_free(disk, subject)]
    evidence = tuple(quoted(subject, DISK_SIZE, disk) for disk in free)
    return Outcome(FindingState.BLOCKER, f"Free disks are too small: {' '.join(small)}", evidence)


CHECK = Check(
    id="RQ-104",
    title="Size of the spare disks",
    why="Each spare disk takes a whole copy of a rootvg disk.",
    remedy="Enlarge the LUNs to the size of the rootvg disk.",
    see="getconf DISK_SIZE /dev/DISK is at least that of the rootvg disk",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-104",
)
