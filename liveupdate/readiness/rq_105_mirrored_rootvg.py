"""RQ-105: a rootvg on several disks has as many disks for each role."""

from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.lsvg_volumes import LSVG_VOLUMES
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.disks import ROOTVG, NoDisks, choose, needs_spares
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted


def _test(subject: Subject) -> Outcome:
    if not needs_spares(subject):
        return Outcome(FindingState.NOT_APPLICABLE, "PowerVC brings the disks.")
    disks = [disk.name for disk in subject.value(LSPV) if disk.volume_group == ROOTVG]
    mirrored = any(volume.copies > 1 for volume in subject.value(LSVG_VOLUMES, ROOTVG))
    evidence = (lines_with(subject, LSPV, having=(f" {ROOTVG}",)), quoted(subject, LSVG_VOLUMES, ROOTVG))
    layout = f"rootvg lies {'mirrored ' if mirrored else ''}on {', '.join(disks)}"
    if len(disks) == 1:
        return Outcome(FindingState.OK, f"{layout}: one disk for each role is enough.", evidence)
    needed = f"{layout}, so {len(disks)} disks each are needed for nhdisk and mhdisk"
    try:
        choice = choose(subject, reclaim=True)
    except NoDisks as lacking:
        return Outcome(FindingState.BLOCKER, f"{needed}. {lacking.message}", evidence)
    if choice.reclaimed:
        consent = Consent.REMOVE_LEFTOVERS.value
        message = f"{needed}; {', '.join(choice.reclaimed)} must be freed first."
        return Outcome(FindingState.BLOCKER, message, evidence, curable=True, consent=consent)
    return Outcome(FindingState.OK, f"{needed}, and there are.", evidence)


CHECK = Check(
    id="RQ-105",
    title="Twice the disks for a mirrored rootvg",
    why="Live Update keeps the layout of rootvg on both copies.",
    remedy="Map as many free disks for each of nhdisk and mhdisk as rootvg has.",
    see="lsvg -l rootvg shows twice as many PPs as LPs: then two disks are needed for each role",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-105",
)
