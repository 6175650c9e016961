"""RQ-115: only file systems of supported types are mounted."""

from inventory.facts.aix.mount import MOUNT
from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import TABLE_NAME, Feature, allows, first_level
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.mounts import unsupported_mounts
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted

TESTED_ALONE = "ahafs"


def _test(subject: Subject) -> Outcome:
    """The level decides on AutoFS; RQ-116 tests for AHAFS, RQ-160 for what workload partitions mount."""
    unsupported = [each for each in unsupported_mounts(subject) if each.vfs != TESTED_ALONE]
    automounted = [each for each in subject.value(MOUNT) if each.vfs == "autofs"]
    early = automounted if automounted and not allows(Feature.AUTOFS_NFS, subject.value(OSLEVEL)) else []
    found = [*unsupported, *early]
    if not found:
        return Outcome(FindingState.OK, "All mounted types are supported.", (quoted(subject, MOUNT),))
    evidence = (lines_with(subject, MOUNT, having=tuple(f" {each.vfs} " for each in found)),)
    named = ", ".join(f"{each.mount_point} ({each.vfs})" for each in found)
    message = f"File systems of unsupported types are mounted: {named}."
    if early:
        first = first_level(Feature.AUTOFS_NFS)
        return Outcome(FindingState.BLOCKER, f"{message} AutoFS is supported from {first}.", evidence)
    consent = Consent.UNMOUNT_FILE_SYSTEMS.value
    return Outcome(FindingState.BLOCKER, message, evidence, curable=True, consent=consent)


CHECK = Check(
    id="RQ-115",
    title="Mounted types of file systems",
    why="Live Update moves open files of JFS2 and NFS only; others make it fail with 1430-244.",
    remedy="umount MOUNTPOINT during the update; stop automount below 7200-04.",
    see="mount shows only jfs2, NFS and procfs (autofs from 7200-04) in the column vfs",
    severity=Severity.BLOCKER,
    test=_test,
    source=f"IBM: AIX Live Update, limitations; {TABLE_NAME}",
    varies="AutoFS stops an update below 7200-04 only.",
)
