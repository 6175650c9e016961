"""RQ-006: Live Update captures tunables with AIX Runtime Expert."""

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Outcome, Severity
from liveupdate.readiness.filesets import required


def _test(subject: Subject) -> Outcome:
    """Look for the fileset."""
    return required(subject, "artex.base.rte")


CHECK = Check(
    id="RQ-006",
    title="artex.base.rte is installed",
    why="Live Update carries the kernel tunables over with AIX Runtime Expert (artex).",
    remedy="Install artex.base.rte from the AIX media.",
    see="lslpp -Lqc 'artex.base*' lists artex.base.rte",
    severity=Severity.BLOCKER,
    test=_test,
    source="",
)
