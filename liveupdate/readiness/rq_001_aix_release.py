"""RQ-001: the first usable release of Live Update is AIX 7.2 SP1."""

from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import TABLE_NAME, Feature, allows, first_level
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    """Compare the installed level with the first usable one."""
    level = subject.value(OSLEVEL)
    evidence = (quoted(subject, OSLEVEL),)
    if not allows(Feature.INTERIM_FIXES, level):
        first = first_level(Feature.INTERIM_FIXES)
        message = f"AIX is at {level}, below {first} ({TABLE_NAME})."
        return Outcome(FindingState.BLOCKER, message, evidence)
    return Outcome(FindingState.OK, f"AIX is at {level}.", evidence)


CHECK = Check(
    id="RQ-001",
    title="AIX 7.2 SP1 or later",
    why="Earlier levels of AIX have no working Live Update.",
    remedy="Update this LPAR the classic way, with a reboot.",
    see="oslevel -s prints 7200-00-01-… or a later level",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, overview",
)
