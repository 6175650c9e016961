"""RQ-023: RSCT carries the talk with HMC or PowerVC, from some level on."""

from inventory.facts.aix.lslpp import LSLPP
from liveupdate.knowledge.levels import TABLE_NAME, Software, minimum
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with
from liveupdate.readiness.filesets import installed, version

FILESET = "rsct.core.rmc"


def _test(subject: Subject) -> Outcome:
    """Compare the fileset with the least level for this way of updating."""
    through_powervc = subject.through_powervc
    wanted = minimum(Software.RSCT_POWERVC if through_powervc else Software.RSCT)
    fileset = installed(subject, FILESET)
    evidence = (lines_with(subject, LSLPP, having=(f":{FILESET}:",)),)
    if fileset is None:
        return Outcome(FindingState.WARNING, f"{FILESET} is not installed.", evidence)
    if not wanted.met_by(version(subject, fileset)):
        message = f"{FILESET} {fileset.level} is older than {wanted.level}, the level recalled"
        return Outcome(FindingState.WARNING, f"{message} ({TABLE_NAME}): verify it.", evidence)
    message = f"{FILESET} {fileset.level} is at the recalled {wanted.level} or above ({TABLE_NAME})."
    return Outcome(FindingState.OK, message, evidence)


CHECK = Check(
    id="RQ-023",
    title="RSCT is recent enough",
    why="Live Update reaches its console through RSCT's resource monitoring.",
    remedy="Update the rsct filesets from the AIX media.",
    see="lslpp -Lqc rsct.core.rmc shows 3.2.1.0 or above (through PowerVC 3.2.3.0)",
    severity=Severity.WARNING,
    varies="The least level is higher through PowerVC.",
    test=_test,
    source=TABLE_NAME,
    recalled=True,
)
