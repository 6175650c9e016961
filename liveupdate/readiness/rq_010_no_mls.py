"""RQ-010: Trusted AIX is not allowed."""

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Outcome, Severity
from liveupdate.readiness.filesets import forbidden

OF_EVERY_AIX = frozenset({"bos.mls.lib"})


def _test(subject: Subject) -> Outcome:
    """Look for its filesets; the libraries alone are no Trusted AIX."""
    return forbidden(subject, "bos.mls", but=OF_EVERY_AIX)


CHECK = Check(
    id="RQ-010",
    title="Multi-level security is not installed",
    why="Live Update does not support Trusted AIX (multi-level security).",
    remedy="Remove it: installp -ugw bos.mls.cfg",
    see="lslpp -Lqc 'bos.mls*' finds nothing but bos.mls.lib",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
)
