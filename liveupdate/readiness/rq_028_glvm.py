"""RQ-028: geographically mirrored volume groups must be kept in step synchronously."""

from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.mirror_pools import MIRROR_POOLS
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with
from liveupdate.readiness.filesets import listed, starting_with

VARIED_ON = frozenset({"active", "concurrent"})
PREFIXES = ("glvm.rpv", "cluster.xd.glvm")


def _test(subject: Subject) -> Outcome:
    """With GLVM installed, look at the mirror pools of every active volume group but rootvg."""
    filesets = starting_with(subject, *PREFIXES)
    lines = listed(subject, filesets)
    if not filesets:
        return Outcome(FindingState.NOT_APPLICABLE, "Geographic mirroring (GLVM) is not installed.", (lines,))
    active = {disk.volume_group for disk in subject.value(LSPV) if disk.state in VARIED_ON}
    groups = sorted(active - {"rootvg"})
    pools = [(group, pool) for group in groups for pool in subject.value(MIRROR_POOLS, group)]
    behind = [f"{pool.name} of {group}" for group, pool in pools if pool.asynchronous]
    evidence = (lines, *(lines_with(subject, MIRROR_POOLS, group, having=("POOL:",)) for group in groups))
    if behind:
        message = f"Mirror pools are kept asynchronously: {', '.join(behind)}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    return Outcome(FindingState.OK, "No mirror pool is kept asynchronously.", evidence)


CHECK = Check(
    id="RQ-028",
    title="No asynchronous geographic mirror",
    why="What an asynchronous mirror has not sent yet would be lost or sent twice when the LPAR moves.",
    remedy="Switch the mirror pool to synchronous for the update: chmp -S -m POOL GROUP, and back after it.",
    see="lsmp -A GROUP shows Mirroring Mode: SYNC for every pool",
    severity=Severity.BLOCKER,
    varies="Applies where GLVM is installed.",
    test=_test,
    source="IBM: AIX Live Update, restrictions",
    settled_by_preview=True,
)
