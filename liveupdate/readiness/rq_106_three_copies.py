"""RQ-106: rootvg has at most two copies."""

from inventory.facts.aix.lsvg_volumes import LSVG_VOLUMES
from liveupdate.lpar.disks import ROOTVG
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted


def _test(subject: Subject) -> Outcome:
    volumes = subject.value(LSVG_VOLUMES, ROOTVG)
    tripled = [volume.name for volume in volumes if volume.copies > 2]
    if tripled:
        evidence = (lines_with(subject, LSVG_VOLUMES, ROOTVG, having=tuple(tripled)),)
        message = f"Logical volumes with three copies: {', '.join(tripled)}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    most = max((volume.copies for volume in volumes), default=1)
    message = "rootvg is not mirrored." if most == 1 else "rootvg has two copies."
    return Outcome(FindingState.OK, message, (quoted(subject, LSVG_VOLUMES, ROOTVG),))


CHECK = Check(
    id="RQ-106",
    title="At most two copies of rootvg",
    why="Live Update does not support a rootvg that is mirrored three times.",
    remedy="unmirrorvg -c 2 rootvg DISK.",
    see="lsvg -l rootvg shows no volume with three times as many PPs as LPs",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-106",
)
