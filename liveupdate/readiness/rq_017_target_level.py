"""RQ-017: Live Update only moves forward, and never across a release."""

from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.level import UNSPECIFIED, Level
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
    state, message = _compared(level, target)
    return Outcome(state, message, (quoted(subject, OSLEVEL),))


def _compared(level: Level, target: Level) -> tuple[FindingState, str]:
    """By release, technology level and service pack first; the week decides between equal ones only."""
    if not level.same_release(target):
        message = f"{target} is another release than {level}; Live Update does not migrate."
        return FindingState.BLOCKER, message
    if level.matches(target):
        return FindingState.BLOCKER, f"AIX is at {level} already: nothing to install."
    if target < level:
        return FindingState.BLOCKER, f"{target} is older than the installed {level}."
    if UNSPECIFIED < target.week < level.week:
        message = f"{target} was built before the installed {level}: installp refuses older builds."
        return FindingState.WARNING, message
    return FindingState.OK, f"The update leads from {level} to {target}."


CHECK = Check(
    id="RQ-017",
    title="The level asked for is newer than the installed one",
    why="Installed filesets are committed: there is no way back to an older level by an update.",
    remedy="Choose a source with a newer level of the same AIX release.",
    see="oslevel -s prints an older level of the same release than the one asked for",
    severity=Severity.BLOCKER,
    varies="A warning where the technology level rises but its build is older (year and week).",
    test=_test,
)
