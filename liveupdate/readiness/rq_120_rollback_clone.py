"""RQ-120: a clone of rootvg to go back to exists."""

from inventory.facts.aix.lspv import LSPV
from inventory.facts.base import FactMissing
from liveupdate.lpar.clone import CLONE, choose_for_clone, doubt_of_clone
from liveupdate.lpar.disks import NoDisks, clone_disks
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

ASK = "Ask for a rollback clone first."
FOR_REHEARSALS = "A rehearsal changes no level, so a clone is recommended, not needed."
FOR_IFIXES = "An interim fix can be removed again, so a clone is recommended, not needed."


def _test(subject: Subject) -> Outcome:
    cloned = {disk.name for disk in subject.value(LSPV) if disk.volume_group == CLONE}
    evidence = (quoted(subject, LSPV),)
    designated = clone_disks(subject)
    lacking = [name for name in designated if name not in cloned]
    if designated and not lacking:
        if doubt := doubt_of_clone(subject):
            return _none(subject, doubt, evidence)
        return Outcome(FindingState.OK, f"{', '.join(designated)} holds {CLONE}{_proved(subject)}", evidence)
    if lacking:
        message = f"{', '.join(lacking)} is designated for the rollback clone but does not hold {CLONE}."
    elif cloned:
        message = f"{', '.join(sorted(cloned))} holds {CLONE}, but is not designated as the rollback clone."
    else:
        message = "There is no clone of rootvg: nothing could bring the former level back."
    return _none(subject, message, evidence, _proposal(subject))


def _none(subject: Subject, message: str, evidence: tuple[Evidence, ...], proposal: str = "") -> Outcome:
    if subject.installs_ifixes_only or subject.rehearses:
        why = FOR_REHEARSALS if subject.rehearses else FOR_IFIXES
        return Outcome(FindingState.WARNING, f"{message} {why}", evidence)
    return Outcome(FindingState.BLOCKER, f"{message} {ASK}{proposal}", evidence)


def _proved(subject: Subject) -> str:
    record = subject.clone
    if record.made_at is None:
        return ". No run of this portal made it: compare its log for level and age."
    return f" of {record.level}, made by a run on {record.made_at:%d %b %Y}."


def _proposal(subject: Subject) -> str:
    """Which disks a clone would take, if there are any for one."""
    try:
        disks = choose_for_clone(subject).disks
    except (FactMissing, NoDisks):
        return ""
    return f" It would take {', '.join(disks)}."


CHECK = Check(
    id="RQ-120",
    title="Rollback clone",
    why="Live Update commits what it installs, so the former level is only had back by booting a clone of "
    "rootvg: no plan is made without one.",
    remedy="Ask for a rollback clone: alt_disk_copy -B -d DISK on a disk of its own, which the inventory "
    "then names. /var/adm/ras/alt_disk_inst.log shows how one was made.",
    see="lspv shows altinst_rootvg on the disk set aside for the rollback clone",
    severity=Severity.BLOCKER,
    varies="A warning where interim fixes alone are to be installed: they can be removed again.",
    test=_test,
    source="RQ-120",
)
