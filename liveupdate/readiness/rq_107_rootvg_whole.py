"""RQ-107: rootvg has no stale partitions and no missing disks."""

from inventory.facts.aix.lsvg import LSVG
from inventory.facts.aix.lsvg_disks import LSVG_DISKS
from liveupdate.lpar.disks import ROOTVG
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted


def _test(subject: Subject) -> Outcome:
    group = subject.value(LSVG, ROOTVG)
    away = [disk for disk in subject.value(LSVG_DISKS, ROOTVG) if disk.state != "active"]
    problems = [f"{disk.name} is {disk.state}" for disk in away]
    if group.stale_pps or group.stale_pvs:
        problems.append(f"{group.stale_pps} stale partitions on {group.stale_pvs} disks")
    if group.active_pvs != group.total_pvs:
        problems.append(f"{group.active_pvs} of {group.total_pvs} disks are active")
    evidence = (
        lines_with(subject, LSVG, ROOTVG, having=("STALE", "PVs:")),
        quoted(subject, LSVG_DISKS, ROOTVG),
    )
    if problems:
        return Outcome(FindingState.BLOCKER, f"rootvg is not whole: {', '.join(problems)}.", evidence)
    return Outcome(FindingState.OK, "rootvg has no stale partition and all its disks.", evidence)


CHECK = Check(
    id="RQ-107",
    title="rootvg is whole",
    why="A copy of a rootvg with stale or missing parts is not a copy.",
    remedy="Bring missing disks back (varyonvg rootvg), then syncvg -v rootvg.",
    see="lsvg rootvg shows STALE PPs: 0, and lsvg -p rootvg shows every disk active",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-107",
)
