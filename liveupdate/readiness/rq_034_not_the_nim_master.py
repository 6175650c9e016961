"""RQ-034: a NIM master does not update itself through NIM."""

from inventory.facts.aix.niminfo import NIMINFO
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with
from liveupdate.readiness.nim import NOT_THROUGH_NIM, through_nim


def _test(subject: Subject) -> Outcome:
    if not through_nim(subject):
        return NOT_THROUGH_NIM
    info = subject.value(NIMINFO)
    evidence = (lines_with(subject, NIMINFO, having=("NIM_CONFIGURATION", "NIM_MASTER_HOSTNAME", "niminfo")),)
    if info is None:
        return Outcome(FindingState.OK, "The LPAR is no NIM master: it has no /etc/niminfo.", evidence)
    if not info.configuration:
        return Outcome(FindingState.UNKNOWN, "/etc/niminfo does not say what the LPAR is to NIM.", evidence)
    if info.configuration == "master":
        return Outcome(FindingState.BLOCKER, "The LPAR is a NIM master.", evidence)
    return Outcome(FindingState.OK, f"To NIM the LPAR is {info.configuration}.", evidence)


CHECK = Check(
    id="RQ-034",
    title="The LPAR is not the NIM master",
    why="The operation runs on the NIM master; it would have to survive the update of its own host.",
    remedy="Update this LPAR in local mode.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-034",
    see="cat /etc/niminfo: NIM_CONFIGURATION is not master",
    varies="Only for an update through a NIM master.",
    recalled=True,
)
