"""RQ-031: multibos, a second copy of AIX inside rootvg, is not allowed."""

from inventory.facts.aix.lsvg_volumes import LSVG_VOLUMES
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, lines_with

PREFIX = "bos_hd"


def _test(subject: Subject) -> Outcome:
    """The second copy's logical volumes are named after those of the first."""
    found = [each.name for each in subject.value(LSVG_VOLUMES, "rootvg") if each.name.startswith(PREFIX)]
    if found:
        evidence = lines_with(subject, LSVG_VOLUMES, "rootvg", having=(PREFIX,))
        return Outcome(FindingState.BLOCKER, f"multibos is in use: {', '.join(found)}.", (evidence,))
    evidence = lines_where(subject, LSVG_VOLUMES, "rootvg", keep=lambda line: line.startswith("hd"))
    return Outcome(FindingState.OK, "rootvg holds no second copy of AIX.", (evidence,))


CHECK = Check(
    id="RQ-031",
    title="multibos is not in use",
    why="Live Update copies rootvg and would not know which of two systems in it is meant.",
    remedy="Boot from the first copy if need be, then remove the second one: multibos -R",
    see="lsvg -l rootvg shows no logical volume whose name begins with bos_hd",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
)
