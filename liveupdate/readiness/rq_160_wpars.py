"""RQ-160: workload partitions must be stopped."""

from inventory.facts.aix.wpars import WPARS
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

ACTIVE, STOPPED = "A", "D"


def _test(subject: Subject) -> Outcome:
    """Every one must be defined only; an active one can be stopped, one in between needs a person."""
    running = [wpar for wpar in subject.value(WPARS) if wpar.state != STOPPED]
    evidence = (quoted(subject, WPARS),)
    if not running:
        return Outcome(FindingState.OK, "No workload partition is active.", evidence)
    found = ", ".join(f"{wpar.name} ({wpar.state})" for wpar in running)
    message = f"Workload partitions are not stopped: {found}."
    if any(wpar.state != ACTIVE for wpar in running):
        return Outcome(FindingState.BLOCKER, message, evidence)
    return Outcome(FindingState.BLOCKER, message, evidence, curable=True, consent=Consent.STOP_WPARS)


CHECK = Check(
    id="RQ-160",
    title="Workload partitions are stopped",
    why="Live Update does not move active workload partitions.",
    remedy="Stop each for the update: stopwpar -F NAME",
    see="lswpar shows no workload partition in state A (active)",
    severity=Severity.BLOCKER,
    test=_test,
)
