"""RQ-005: Live Update through an HMC needs the HMC client fileset."""

from liveupdate.readiness.base import Check, Outcome, Severity
from liveupdate.readiness.filesets import required
from liveupdate.subject import Subject


def _test(subject: Subject) -> Outcome:
    """Look for the fileset."""
    return required(subject, "bos.sysmgt.hmc")


CHECK = Check(
    id="RQ-005",
    title="bos.sysmgt.hmc is installed",
    why="Live Update asks the HMC through it for the surrogate partition.",
    remedy="Install bos.sysmgt.hmc from the AIX media.",
    see="lslpp -Lqc bos.sysmgt.hmc prints a line whose sixth field is C or A",
    severity=Severity.BLOCKER,
    test=_test,
    source="",
)
