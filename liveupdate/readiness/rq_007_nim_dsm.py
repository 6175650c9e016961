"""RQ-007: the NIM master needs the Distributed Systems Management filesets to reach the HMC."""

from inventory.facts.nim.nim_filesets import NIM_FILESETS
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with
from liveupdate.readiness.filesets import USABLE_STATES
from liveupdate.readiness.nim import NOT_THROUGH_NIM, through_nim

NEEDED = ("dsm.core", "dsm.dsh")


def _test(subject: Subject) -> Outcome:
    if not through_nim(subject):
        return NOT_THROUGH_NIM
    installed = {each.name: each for each in subject.value(NIM_FILESETS) if each.name in NEEDED}
    evidence = (lines_with(subject, NIM_FILESETS, having=(*(f":{name}:" for name in NEEDED), "0504-132")),)
    lacking = [name for name in NEEDED if name not in installed]
    unusable = [each for each in installed.values() if each.state not in USABLE_STATES]
    if lacking:
        message = f"Not installed on the NIM master: {', '.join(lacking)}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    if unusable:
        states = ", ".join(f"{each.name} is in state {each.state or 'unknown'}" for each in unusable)
        return Outcome(FindingState.BLOCKER, f"On the NIM master {states}.", evidence)
    levels = " and ".join(f"{name} {installed[name].level}" for name in NEEDED)
    return Outcome(FindingState.OK, f"The NIM master has {levels}.", evidence)


CHECK = Check(
    id="RQ-007",
    title="The NIM master can talk to the HMC",
    why="In NIM mode the master asks the HMC for the surrogate, with the commands of dsm.core and dsm.dsh.",
    remedy="Install dsm.core and dsm.dsh on the NIM master from the AIX media.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-007",
    see="On the NIM master: lslpp -L 'dsm.*' shows dsm.core and dsm.dsh in state C",
    varies="Only for an update through a NIM master.",
)
