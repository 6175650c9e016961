"""RQ-149: the security software that Live Update forbids is tested with the installed software."""

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity


def _test(subject: Subject) -> Outcome:
    """One finding for one fileset: the checks on software have it."""
    message = "RQ-009 tests for PKCS #11, RQ-010 for multilevel security."
    return Outcome(FindingState.NOT_APPLICABLE, message)


CHECK = Check(
    id="RQ-149",
    title="PKCS #11 and multilevel security",
    why="Live Update supports neither PKCS #11 devices nor multilevel security (Trusted AIX).",
    remedy="See RQ-009 and RQ-010.",
    see="lslpp -Lqc 'security.pkcs11*' 'bos.mls*' finds nothing",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
)
