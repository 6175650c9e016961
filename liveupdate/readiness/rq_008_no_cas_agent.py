"""RQ-008: the Common Agent is not allowed."""

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Outcome, Severity
from liveupdate.readiness.filesets import forbidden


def _test(subject: Subject) -> Outcome:
    """Look for the fileset."""
    return forbidden(subject, "cas.agent")


CHECK = Check(
    id="RQ-008",
    title="cas.agent is not installed",
    why="Live Update refuses to run beside the Common Agent.",
    remedy="Remove it: installp -ugw cas.agent",
    see="lslpp -Lqc 'cas.agent*' finds nothing",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
)
