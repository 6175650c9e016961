"""RQ-104: each spare disk is as large as the rootvg disk."""

from collections.abc import Iterable

from inventory.facts.aix.bootinfo_size import BOOTINFO_SIZE
from inventory.facts.aix.disk_size import DISK_SIZE
from inventory.facts.aix.lsmpio import LSMPIO
from inventory.facts.aix.lspv import LSPV
from liveupdate.lpar.disks import NoDisks, choose, needs_spares, why_not_free
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, quoted


def _test(subject: Subject) -> Outcome:
    if not needs_spares(subject):
        return Outcome(FindingState.NOT_APPLICABLE, "PowerVC brings the disks.")
    try:
        choice = choose(subject, reclaim=True)
    except NoDisks as lacking:
        return _too_small(subject, lacking)
    evidence = _measured(subject, (*choice.rootvg, *choice.nhdisk, *choice.mhdisk))
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
    message = f"Free disks are too small: {' '.join(small)}"
    return Outcome(FindingState.BLOCKER, message, _measured(subject, free))


def _measured(subject: Subject, disks: Iterable[str]) -> tuple[Evidence, ...]:
    """What each source said of the disks' sizes."""
    named = tuple(disks)
    seen = [
        quoted(subject, fact, disk)
        for disk in named
        for fact in (DISK_SIZE, BOOTINFO_SIZE)
        if subject.reading(fact, disk) is not None
    ]
    if subject.reading(LSMPIO) is not None:
        seen.append(lines_where(subject, LSMPIO, keep=lambda line: line.split()[0] in named))
    return tuple(each for each in seen if each.lines)


CHECK = Check(
    id="RQ-104",
    title="Size of the spare disks",
    why="Each spare disk takes a whole copy of a rootvg disk.",
    remedy="Enlarge the LUNs to the size of the rootvg disk.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-104",
    see="getconf DISK_SIZE /dev/hdisk2, bootinfo -s hdisk2, lsmpio -q (the same, and at least rootvg's)",
    varies="Not known where these three differ; a warning where a spare is larger.",
)
