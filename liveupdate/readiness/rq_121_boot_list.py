"""RQ-121: the LPAR boots from the active rootvg."""

from inventory.facts.aix.bootlist import BOOTLIST
from inventory.facts.aix.lspv import LSPV
from liveupdate.lpar.disks import ROOTVG
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted


def _test(subject: Subject) -> Outcome:
    devices = subject.value(BOOTLIST)
    rootvg = [disk.name for disk in subject.value(LSPV) if disk.volume_group == ROOTVG]
    evidence = (quoted(subject, BOOTLIST), lines_with(subject, LSPV, having=(f" {ROOTVG}",)))
    if devices[0] in rootvg:
        return Outcome(
            FindingState.OK, f"The boot list begins with {devices[0]}, a disk of rootvg.", evidence
        )
    message = f"The boot list begins with {devices[0]}, and rootvg lies on {', '.join(rootvg)}."
    return Outcome(FindingState.WARNING, message, evidence, curable=True)


CHECK = Check(
    id="RQ-121",
    title="Boot list",
    why="A boot list that points at the clone would start the former level at the next reboot.",
    remedy="bootlist -m normal hdisk0 (the disk of rootvg).",
    see="bootlist -m normal -o names the disk of rootvg first, with blv=hd5",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-121",
)
