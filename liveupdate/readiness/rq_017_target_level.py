"""RQ-017: Live Update only moves forward, and never across a release."""

from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.level import Level
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.subject import Subject


def _test(subject: Subject) -> Outcome:
    """Compare the level that is asked for with the installed one."""
    if not subject.target_level:
        return Outcome(FindingState.NOT_APPLICABLE, "No level is asked for.")
    try:
        target = Level.parse(subject.target_level)
    except ValueError as error:
        return Outcome(FindingState.BLOCKER, str(error))
    level = subject.value(OSLEVEL)
    evidence = (quoted(subject, OSLEVEL),)
    if not level.same_release(target):
        message = f"{target} is another release than {level}; Live Update does not migrate."
        return Outcome(FindingState.BLOCKER, message, evidence)
    if level.matches(target):
        return Outcome(FindingState.BLOCKER, f"AIX is at {level} already: nothing to install.", evidence)
    if target < level:
        message = f"{target} is older than the installed {level}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    return Outcome(FindingState.OK, f"The update leads from {level} to {target}.", evidence)


CHECK = Check(
    id="RQ-017",
    title="The level asked for is newer than the installed one",
    why="Installed filesets are committed: there is no way back to an older level by an update.",
    remedy="Choose a source with a newer level of the same AIX release.",
    see="oslevel -s prints an older level of the same release than the one asked for",
    severity=Severity.BLOCKER,
    test=_test,
)
