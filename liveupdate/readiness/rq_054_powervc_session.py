"""RQ-054: with PowerVC, the AIX kernel holds an authenticated session with it."""

from inventory.facts.aix.pvcauth import PVCAUTH
from liveupdate.lpar.console import powervc_session
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    if not subject.through_powervc:
        return Outcome(FindingState.NOT_APPLICABLE, "The update goes through the HMC, not through PowerVC.")
    sessions = subject.value(PVCAUTH)
    evidence = (quoted(subject, PVCAUTH),)
    if sessions is None:
        message = "pvcauth is not there: bos.sysmgt.pvc is not installed."
        return Outcome(FindingState.BLOCKER, message, evidence)
    if subject.powervc is None:
        message = f"The inventory names no PowerVC for {subject.name}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    session = powervc_session(subject)
    if session is None:
        others = ", ".join(f"{other.user} at {other.address}" for other in sessions)
        seen = f"pvcauth lists only {others}" if others else "pvcauth lists no session"
        message = f"{seen}; the plan logs on to {subject.powervc.name} as {subject.powervc.user}."
        return Outcome(FindingState.BLOCKER, message, evidence, curable=True)
    message = f"The LPAR is authenticated with PowerVC: {session.user} at {session.address}."
    return Outcome(FindingState.OK, message, evidence)


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
