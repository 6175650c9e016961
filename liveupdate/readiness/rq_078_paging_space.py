"""RQ-078: paging space is not nearly full."""

from inventory.facts.aix.paging import PAGING
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

MOST_PERCENT = 70


def _test(subject: Subject) -> Outcome:
    paging = subject.value(PAGING)
    evidence = (quoted(subject, PAGING),)
    if paging.used_percent is None:
        message = f"lsps -s does not say how much of {paging.total_mb} MB of paging space is used."
        return Outcome(FindingState.UNKNOWN, message, evidence)
    message = f"{paging.used_percent} % of {paging.total_mb} MB of paging space is used"
    if paging.used_percent <= MOST_PERCENT:
        return Outcome(FindingState.OK, f"{message}.", evidence)
    message = f"{message}; more than {MOST_PERCENT} % is recalled as too much for a Live Update."
    return Outcome(FindingState.WARNING, message, evidence)


CHECK = Check(
    id="RQ-078",
    title="Paging space is not nearly full",
    why="The move of the workload needs memory of its own; without paging space, processes die.",
    remedy="Find what uses the memory (svmon -G), or enlarge paging space: chps -s PARTITIONS hd6.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-078",
    see="On the LPAR: lsps -s shows at most 70 % used.",
    recalled=True,
)
