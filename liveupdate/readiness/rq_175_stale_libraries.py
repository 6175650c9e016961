"""RQ-175: processes that still use libraries from before an earlier update."""

from inventory.facts.aix.stale_libraries import STALE_LIBRARIES
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    """Name the programs."""
    stale = subject.value(STALE_LIBRARIES)
    evidence = (quoted(subject, STALE_LIBRARIES),)
    if not stale:
        return Outcome(FindingState.OK, "No process uses replaced libraries.", evidence)
    names = ", ".join(dict.fromkeys(process.name for process in stale))
    message = f"{len(stale)} process(es) still use replaced libraries: {names}."
    return Outcome(FindingState.WARNING, message, evidence)


CHECK = Check(
    id="RQ-175",
    title="No process uses replaced libraries",
    why="Such processes run code that an earlier update replaced.",
    remedy="Start these services again: stopsrc -s NAME, startsrc -s NAME; sshd last.",
    see="genld -u prints nothing",
    severity=Severity.WARNING,
    test=_test,
)
