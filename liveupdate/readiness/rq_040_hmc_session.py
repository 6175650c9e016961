"""RQ-040: the AIX kernel holds an authenticated session with the HMC."""

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
    session = wanted_session(subject)
    evidence = (quoted(subject, HMCAUTH),)
    if session is not None:
        message = f"The LPAR is authenticated with {session.address} as {session.user}."
        return Outcome(FindingState.OK, message, evidence)
    others = ", ".join(f"{other.user} at {other.address}" for other in subject.value(HMCAUTH))
    seen = f"hmcauth lists only {others}" if others else "hmcauth lists no session"
    message = f"{seen}; the plan logs on to {subject.hmc} as {subject.hmc_user}."
    return Outcome(FindingState.BLOCKER, message, evidence, curable=True)


CHECK = Check(
    id="RQ-040",
    title="Authenticated with the HMC",
    why="Live Update asks the HMC to create the surrogate; without a session it fails with 1430-246.",
    remedy="hmcauth -u USER -a HMC, with the password at its prompt. The session is lost at a reboot.",
    see="hmcauth -l prints a block with address, user name and port",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-040",
    varies="Through PowerVC, or where NIM logs the LPAR on, the check does not apply.",
)
