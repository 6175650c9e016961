"""RQ-160: workload partitions must be stopped."""

from inventory.facts.aix.wpars import WPARS
from liveupdate.consents import Consent
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.subject import Subject

STOPPED = "D"


def _test(subject: Subject) -> Outcome:
    """Every workload partition must be defined only."""
    running = [wpar for wpar in subject.value(WPARS) if wpar.state != STOPPED]
    evidence = (quoted(subject, WPARS),)
    if not running:
        return Outcome(FindingState.OK, "No workload partition is active.", evidence)
    found = ", ".join(f"{wpar.name} ({wpar.state})" for wpar in running)
    return Outcome(
        FindingState.BLOCKER,
        f"Workload partitions are not stopped: {found}.",
        evidence,
        curable=True,
        consent=Consent.STOP_WPARS,
    )


CHECK = Check(
    id="RQ-160",
    title="Workload partitions are stopped",
    why="Live Update does not move active workload partitions.",
    remedy="Stop each for the update: stopwpar -F NAME",
    severity=Severity.BLOCKER,
    test=_test,
)
