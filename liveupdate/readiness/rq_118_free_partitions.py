"""RQ-118: rootvg has free partitions by which file systems can grow."""

from inventory.facts.aix.lsvg import LSVG
from liveupdate.lpar.disks import ROOTVG
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with


def _test(subject: Subject) -> Outcome:
    group = subject.value(LSVG, ROOTVG)
    evidence = (lines_with(subject, LSVG, ROOTVG, having=("FREE PPs", "PP SIZE")),)
    room = f"{group.free_pps} free partitions of {group.pp_size_mb} MB"
    if group.free_pps == 0:
        message = "rootvg has no free partition: an update that needs more room in /usr or /opt fails."
        return Outcome(FindingState.WARNING, message, evidence)
    return Outcome(FindingState.OK, f"rootvg has {room}.", evidence)


CHECK = Check(
    id="RQ-118",
    title="Free partitions in rootvg",
    why="The installation enlarges file systems that are too small, as far as rootvg has room.",
    remedy="Remove what is not needed from rootvg, or add a disk.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-118",
    see="lsvg rootvg (FREE PPs above 0)",
    recalled=True,
)
