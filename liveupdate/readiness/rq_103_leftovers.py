"""RQ-103: no disk holds what a former run left."""

from inventory.facts.aix.lspv import LSPV
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.disks import HELD, LEFTOVER, clone_disks, removable
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted


def _test(subject: Subject) -> Outcome:
    held = [
        disk
        for disk in subject.value(LSPV)
        if disk.volume_group in HELD and disk.name not in clone_disks(subject)
    ]
    if not held:
        return Outcome(FindingState.OK, "No disk holds a former rootvg.", (quoted(subject, LSPV),))
    evidence = (lines_with(subject, LSPV, having=tuple(disk.volume_group for disk in held)),)
    leftovers = [disk for disk in held if disk.volume_group == LEFTOVER]
    if any(not removable(disk) for disk in leftovers):
        message = f"{LEFTOVER} of an earlier Live Update is varied on: it may still be in use."
        return Outcome(FindingState.BLOCKER, message, evidence)
    if leftovers:
        names = ", ".join(disk.name for disk in leftovers)
        message = f"{names} holds {LEFTOVER}, {HELD[LEFTOVER]}."
        consent = Consent.REMOVE_LEFTOVERS.value
        return Outcome(FindingState.BLOCKER, message, evidence, curable=True, consent=consent)
    named = ", ".join(f"{disk.name} ({disk.volume_group}: {HELD[disk.volume_group]})" for disk in held)
    message = f"Disks that nobody designated as the rollback clone are left alone: {named}."
    return Outcome(FindingState.WARNING, message, evidence)


CHECK = Check(
    id="RQ-103",
    title="No leftovers of a former run",
    why="The former rootvg stays on its disk after a Live Update, and the next one needs this disk and "
    "this volume group name.",
    remedy="clvupdate -v, or alt_rootvg_op -X lvup_rootvg after looking at lsps -a and sysdumpdev -l. Never "
    "remove the designated rollback clone.",
    see="lspv shows no lvup_rootvg, altinst_rootvg or old_rootvg on a disk that is to be used",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-103",
)
