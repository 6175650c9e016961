"""RQ-116: the event infrastructure's file system is not mounted."""

from inventory.facts.aix.mount import MOUNT
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted


def _test(subject: Subject) -> Outcome:
    mounted = [each.mount_point for each in subject.value(MOUNT) if each.vfs == "ahafs"]
    if mounted:
        return Outcome(
            FindingState.BLOCKER,
            f"AHAFS is mounted on {', '.join(mounted)}; CAA and PowerHA use it.",
            (lines_with(subject, MOUNT, having=("ahafs",)),),
            curable=True,
            consent=Consent.UNMOUNT_FILE_SYSTEMS.value,
        )
    return Outcome(FindingState.OK, "AHAFS is not mounted.", (quoted(subject, MOUNT),))


CHECK = Check(
    id="RQ-116",
    title="AHAFS is not mounted",
    why="Live Update refuses it with 1430-244; many systems mount it from the start.",
    remedy="umount /aha (look at lscluster first), and mount -v ahafs /aha /aha after the update.",
    see="mount shows no ahafs",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-116",
)
