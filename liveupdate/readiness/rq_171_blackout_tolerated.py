"""RQ-171: the workload must stand the blackout."""

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Outcome, Severity, answered


def _test(subject: Subject) -> Outcome:
    """Heartbeats and leases are known to those who run the application."""
    return answered(
        subject,
        "RQ-171",
        met="The workload stands still for the blackout without harm.",
        open_question="Nobody has said whether the workload stands the seconds of the blackout.",
    )


CHECK = Check(
    id="RQ-171",
    title="The workload stands the blackout",
    why="For some seconds no process of the LPAR runs: heartbeats stop, leases and connections may expire.",
    remedy="Raise the time-outs of cluster partners, leases and clients above the blackout that the preview "
    "estimates; for DB2 set DB2TCP_CLIENT_KEEPALIVE_TIMEOUT at least to it.",
    see="The preview's line Blackout time(in seconds), beside the time-outs of the application",
    severity=Severity.WARNING,
    test=_test,
    source="IBM: DB2 and AIX Live Update",
    question="Does the application stand a pause of all its processes for the seconds of a blackout?",
)
