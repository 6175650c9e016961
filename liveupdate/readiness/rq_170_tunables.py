"""RQ-170: nobody changes tunables while the update runs."""

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Outcome, Severity, answered


def _test(subject: Subject) -> Outcome:
    """Only people know what they are about to change."""
    return answered(
        subject,
        "RQ-170",
        met="Nobody changes tunables during the update.",
        open_question="Nobody has said yet that tunables stay as they are during the update.",
    )


CHECK = Check(
    id="RQ-170",
    title="Tunables stay as they are during the update",
    why="The surrogate gets the tunables as they were when the update began; a later change is lost.",
    remedy="Freeze changes of no, nfso, vmo, ioo, schedo, raso and chdev on this LPAR for the window.",
    see="Ask who changes the LPAR's settings: automation, Ansible, the database's administrators",
    question="Does nobody, and no automation, change tunables of this LPAR during the update?",
    severity=Severity.WARNING,
    test=_test,
)
