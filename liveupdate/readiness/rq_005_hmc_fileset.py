"""RQ-005: Live Update needs the client fileset of its console, the HMC or PowerVC."""

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Outcome, Severity
from liveupdate.readiness.filesets import required


def _test(subject: Subject) -> Outcome:
    """Look for the fileset of the console that the procedure asks."""
    through_powervc = subject.through_powervc
    return required(subject, "bos.sysmgt.pvc" if through_powervc else "bos.sysmgt.hmc")


CHECK = Check(
    id="RQ-005",
    title="The console's client fileset is installed",
    why="Live Update asks HMC or PowerVC through it for the surrogate partition.",
    remedy="Install bos.sysmgt.hmc (for PowerVC: bos.sysmgt.pvc) from the AIX media.",
    see="lslpp -Lqc bos.sysmgt.hmc (bos.sysmgt.pvc) prints a line whose sixth field is C or A",
    severity=Severity.BLOCKER,
    varies="bos.sysmgt.hmc is for updates through an HMC, bos.sysmgt.pvc for those through PowerVC.",
    test=_test,
    source="",
)
