"""RQ-054: with PowerVC, the AIX kernel holds an authenticated session with it."""

from inventory.facts.aix.pvcauth import PVCAUTH
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.subject import Subject


def _test(subject: Subject) -> Outcome:
    if not subject.procedure.startswith("powervc_"):
        return Outcome(FindingState.NOT_APPLICABLE, "The update goes through the HMC, not through PowerVC.")
    sessions = subject.value(PVCAUTH)
    evidence = (quoted(subject, PVCAUTH),)
    if sessions is None:
        message = "pvcauth is not there: bos.sysmgt.pvc is not installed."
        return Outcome(FindingState.BLOCKER, message, evidence)
    if not sessions:
        return Outcome(FindingState.BLOCKER, "pvcauth lists no session.", evidence, curable=True)
    named = ", ".join(f"{session.user} at {session.address}" for session in sessions)
    return Outcome(FindingState.OK, f"The LPAR is authenticated with PowerVC: {named}.", evidence)


CHECK = Check(
    id="RQ-054",
    title="Authenticated with PowerVC",
    why="With PowerVC, Live Update takes resources through it; its session expires by itself.",
    remedy="pvcauth -u USER -a POWERVC, with the password at its prompt.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-054",
    see="On the LPAR: pvcauth -l lists a session with the PowerVC server.",
    varies="Only updates through PowerVC need it.",
)
