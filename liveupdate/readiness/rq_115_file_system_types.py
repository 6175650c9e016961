"""RQ-115: only file systems of supported types are mounted."""

from inventory.facts.aix.mount import MOUNT
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.level import Level
from liveupdate.consents import Consent
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted
from liveupdate.subject import Subject

SUPPORTED = frozenset({"jfs2", "nfs", "nfs3", "nfs4", "procfs"})
OF_ITS_OWN = frozenset({"ahafs"})
AUTOFS_FROM = Level(7200, 4)


def _test(subject: Subject) -> Outcome:
    mounts = subject.value(MOUNT)
    unsupported = [each for each in mounts if each.vfs not in SUPPORTED | OF_ITS_OWN | {"autofs"}]
    automounted = [each for each in mounts if each.vfs == "autofs"]
    early = automounted if automounted and subject.value(OSLEVEL) < AUTOFS_FROM else []
    found = [*unsupported, *early]
    if not found:
        return Outcome(FindingState.OK, "All mounted types are supported.", (quoted(subject, MOUNT),))
    evidence = (lines_with(subject, MOUNT, having=tuple(f" {each.vfs} " for each in found)),)
    named = ", ".join(f"{each.mount_point} ({each.vfs})" for each in found)
    message = f"File systems of unsupported types are mounted: {named}."
    if early:
        return Outcome(FindingState.BLOCKER, f"{message} AutoFS is supported from 7200-04.", evidence)
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
    source="RQ-115",
)
