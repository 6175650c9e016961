"""RQ-124: PowerVC's storage pool has room for the surrogate's disks."""

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity, answered

QUESTION = "Does the storage pool behind PowerVC have room for a second rootvg of this LPAR?"


def _test(subject: Subject) -> Outcome:
    if not subject.through_powervc:
        return Outcome(FindingState.NOT_APPLICABLE, "The update does not go through PowerVC.")
    return answered(
        subject,
        "RQ-124",
        met="The storage pool has room.",
        open_question="Nobody has said yet whether the storage pool has room for the surrogate's disks.",
    )


CHECK = Check(
    id="RQ-124",
    title="Room in PowerVC's storage pool",
    why="PowerVC makes the surrogate's disks by itself, so that no spare disk is needed, in a pool that must "
    "have room for them.",
    remedy="Make room in the storage pool, or choose a storage template of another one.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-124",
    see="PowerVC: Storage, the pool of the LPAR's storage template, free capacity",
    question=QUESTION,
)
