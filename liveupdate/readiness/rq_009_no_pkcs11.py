"""RQ-009: PKCS #11 is not allowed."""

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Outcome, Severity
from liveupdate.readiness.filesets import forbidden


def _test(subject: Subject) -> Outcome:
    """Look for the fileset."""
    return forbidden(subject, "security.pkcs11")


CHECK = Check(
    id="RQ-009",
    title="security.pkcs11 is not installed",
    why="Live Update does not support PKCS #11.",
    remedy="Remove it: installp -ugw security.pkcs11",
    see="lslpp -Lqc 'security.pkcs11*' finds nothing",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
)
