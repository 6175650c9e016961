"""RQ-120: a clone of rootvg to go back to exists."""

from inventory.facts.aix.lspv import LSPV
from inventory.facts.base import FactMissing
from liveupdate.disks import NoDisks, choose, choose_clone, clone_disks
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.subject import Subject

CLONE = "altinst_rootvg"


def _test(subject: Subject) -> Outcome:
    cloned = {disk.name for disk in subject.value(LSPV) if disk.volume_group == CLONE}
    evidence = (quoted(subject, LSPV),)
    designated = clone_disks(subject)
    lacking = [name for name in designated if name not in cloned]
    if designated and not lacking:
        message = f"{', '.join(designated)} holds {CLONE}. lspv does not tell its age: compare the log."
        return Outcome(FindingState.OK, message, evidence)
    if lacking:
        message = f"{', '.join(lacking)} is designated for the rollback clone but does not hold {CLONE}."
    elif cloned:
        message = f"{', '.join(sorted(cloned))} holds {CLONE}, but is not designated as the rollback clone."
    else:
        message = "There is no clone of rootvg: nothing could bring the former level back."
    return Outcome(FindingState.BLOCKER, f"{message}{_proposal(subject)}", evidence)


def _proposal(subject: Subject) -> str:
    """How to make a clone, if disks for one are free besides those that the update takes."""
    try:
        taken = choose(subject, reclaim=True)
        disks = choose_clone(subject, (*taken.nhdisk, *taken.mhdisk))
    except (FactMissing, NoDisks):
        return ""
    named = f'"{" ".join(disks)}"' if len(disks) > 1 else "".join(disks)
    return f" alt_disk_copy -B -d {named} would make one." if disks else ""


CHECK = Check(
    id="RQ-120",
    title="Rollback clone",
    why="Live Update commits what it installs, so the former level is only had back by booting a clone of "
    "rootvg: no plan is made without one.",
    remedy="alt_disk_copy -B -d DISK on a disk of its own, and name this disk in the inventory. "
    "/var/adm/ras/alt_disk_inst.log shows when a clone was made.",
    see="lspv shows altinst_rootvg on the disk set aside for the rollback clone",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-120",
)
