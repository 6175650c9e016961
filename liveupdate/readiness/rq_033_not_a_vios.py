"""RQ-033: a Virtual I/O Server is updated in its own ways."""

from inventory.facts.base import FactMissing
from inventory.facts.hmc.lpar_attributes import LPAR_ATTRIBUTES
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with
from liveupdate.readiness.filesets import installed, listed

FILESET = "ios.cli.rte"
OF_A_SERVER = "vioserver"


def _test(subject: Subject) -> Outcome:
    """The fileset of every such server decides; what the HMC takes the partition for must not gainsay it."""
    fileset = installed(subject, FILESET)
    if fileset is not None:
        message = f"This is a Virtual I/O Server: {FILESET} {fileset.level} is installed."
        return Outcome(FindingState.BLOCKER, message, (listed(subject, (fileset,)),))
    if _environment(subject) == OF_A_SERVER:
        message = f"To its HMC this partition is a Virtual I/O Server (lpar_env={OF_A_SERVER})."
        key = (subject.managed_system, subject.partition)
        said = lines_with(subject, LPAR_ATTRIBUTES, *key, having=("lpar_env",))
        return Outcome(FindingState.BLOCKER, message, (said,))
    return Outcome(FindingState.OK, "This is not a Virtual I/O Server.", (listed(subject, ()),))


def _environment(subject: Subject) -> str:
    """What the HMC says runs there; empty where it could not be asked, for the filesets tell enough."""
    try:
        return subject.value(LPAR_ATTRIBUTES, subject.managed_system, subject.partition).environment
    except FactMissing:
        return ""


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
