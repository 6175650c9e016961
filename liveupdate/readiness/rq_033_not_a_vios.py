"""RQ-033: a Virtual I/O Server is updated in its own ways."""

from inventory.facts.aix.lslpp import LSLPP
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with
from liveupdate.readiness.filesets import installed
from liveupdate.subject import Subject

FILESET = "ios.cli.rte"


def _test(subject: Subject) -> Outcome:
    """Look for the fileset that every Virtual I/O Server has, and nothing else."""
    fileset = installed(subject, FILESET)
    evidence = (lines_with(subject, LSLPP, having=(f":{FILESET}:",)),)
    if fileset is not None:
        message = f"This is a Virtual I/O Server: {FILESET} {fileset.level} is installed."
        return Outcome(FindingState.BLOCKER, message, evidence)
    return Outcome(FindingState.OK, "This is not a Virtual I/O Server.", evidence)


CHECK = Check(
    id="RQ-033",
    title="The LPAR is not a Virtual I/O Server",
    why="Live Update does not move servers of virtual devices: their clients would lose them.",
    remedy="Update it with updateios or viosupgrade, one of two servers at a time.",
    see="ls /usr/ios/cli/ioslevel finds no file; on the HMC the partition's lpar_env is aixlinux",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, limitations",
)
