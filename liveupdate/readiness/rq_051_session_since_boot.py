"""RQ-051: the logon at the HMC was repeated after the last reboot."""

from inventory.facts.aix.hmcauth import HMCAUTH
from liveupdate.lpar.console import wanted_session
from liveupdate.lpar.nim_names import logged_on_by_nim
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.readiness.nim import BY_NIM
from liveupdate.readiness.powervc import NOT_THROUGH_HMC


def _test(subject: Subject) -> Outcome:
    if subject.through_powervc:
        return NOT_THROUGH_HMC
    if logged_on_by_nim(subject):
        return BY_NIM
    evidence = (quoted(subject, HMCAUTH),)
    if wanted_session(subject) is not None:
        message = "The kernel that runs now holds the session: nobody needs to log on again."
        return Outcome(FindingState.OK, message, evidence)
    message = f"The kernel that runs now holds no session with {subject.hmc}; the plan logs on."
    return Outcome(FindingState.BLOCKER, message, evidence, curable=True)


CHECK = Check(
    id="RQ-051",
    title="Logged on again after the last reboot",
    why="The session with the HMC lives in the AIX kernel and is lost at every reboot.",
    remedy="hmcauth -u USER -a HMC, with the password at its prompt; every plan does it by itself.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-051",
    see="On the LPAR: hmcauth -l right before the start lists Address, User name and Port.",
    varies="Through PowerVC, or where NIM logs the LPAR on, the check does not apply.",
)
