"""RQ-015: the installed filesets must fit together."""

from inventory.facts.aix.lppchk import LPPCHK
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

NAMED = 5


def _test(subject: Subject) -> Outcome:
    """Ask AIX's own verification, which is silent when all is well."""
    wrong = subject.value(LPPCHK)
    evidence = (quoted(subject, LPPCHK),)
    if not wrong:
        return Outcome(FindingState.OK, "The installed filesets fit together.", evidence)
    said = ", ".join(f"{each.fileset} {each.level} ({each.problem})" for each in wrong[:NAMED])
    more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
    return Outcome(FindingState.BLOCKER, f"Filesets do not fit together: {said}{more}.", evidence)


CHECK = Check(
    id="RQ-015",
    title="Installed filesets are consistent",
    why="An update on top of half-installed filesets fails in its middle, or leaves others behind.",
    remedy="Install or repair the filesets named; lppchk -vm3 says more about each.",
    see="lppchk -v prints nothing and ends with 0",
    severity=Severity.BLOCKER,
    test=_test,
    source="Practice of AIX administration",
    recalled=True,
    settled_by_preview=True,
)
