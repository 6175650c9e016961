"""RQ-010: Trusted AIX is not allowed."""

from liveupdate.readiness.base import Check, Outcome, Severity
from liveupdate.readiness.filesets import forbidden
from liveupdate.subject import Subject


def _test(subject: Subject) -> Outcome:
    """Look for the fileset."""
    return forbidden(subject, "bos.mls")


CHECK = Check(
    id="RQ-010",
    title="Multi-level security is not installed",
    why="Live Update does not support Trusted AIX (multi-level security).",
    remedy="Remove it: installp -ugw bos.mls.cfg",
    see="lslpp -Lqc 'bos.mls*' finds nothing",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
)
