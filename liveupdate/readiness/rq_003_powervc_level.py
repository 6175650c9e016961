"""RQ-003: Live Update through PowerVC needs AIX 7200-02."""

from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import TABLE_NAME, Feature, allows, first_level
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    """Compare the installed level with the first that asks PowerVC; other procedures do not."""
    if not subject.through_powervc:
        return Outcome(FindingState.NOT_APPLICABLE, "This Live Update does not go through PowerVC.")
    level = subject.value(OSLEVEL)
    evidence = (quoted(subject, OSLEVEL),)
    if not allows(Feature.POWERVC, level):
        first = first_level(Feature.POWERVC)
        message = f"AIX is at {level}; PowerVC is asked from {first} on ({TABLE_NAME})."
        return Outcome(FindingState.BLOCKER, message, evidence)
    return Outcome(FindingState.OK, f"AIX {level} can ask PowerVC ({TABLE_NAME}).", evidence)


CHECK = Check(
    id="RQ-003",
    title="AIX 7200-02 or later for PowerVC",
    why="Earlier levels know the HMC only, and have no pvcauth.",
    remedy="Run the Live Update through the HMC. PowerVC itself must be at 1.3.3.1 or later.",
    see="oslevel -s shows 7200-02 or above; pvcauth -l shows the PowerVC that is logged on to",
    severity=Severity.BLOCKER,
    varies="Through an HMC the check does not apply.",
    test=_test,
    source="IBM: AIX Live Update, overview; pvcauth command",
)
