"""RQ-041: `lvupdate.data` names the console and user of an authenticated session."""

from inventory.facts.aix.hmcauth import HMCAUTH
from inventory.facts.aix.lvupdate_data import LVUPDATE_DATA, LvupdateData
from inventory.facts.aix.pvcauth import PVCAUTH
from liveupdate.lpar.console import is_console, is_powervc, powervc_session, wanted_session
from liveupdate.lpar.subject import PowerVcConsole, Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted
from liveupdate.readiness.nim import through_nim

BY_NIM_DATA = Outcome(
    FindingState.NOT_APPLICABLE, "NIM brings the file of the LPAR's live_update_data, which the plan writes."
)


def _test(subject: Subject) -> Outcome:
    if through_nim(subject):
        return BY_NIM_DATA
    data = subject.value(LVUPDATE_DATA)
    if subject.powervc is not None and subject.through_powervc:
        return _through_powervc(subject, data, subject.powervc)
    session = wanted_session(subject)
    file_lines = lines_with(subject, LVUPDATE_DATA, having=("hmc:", "management_console", "user", "cat:"))
    evidence = (file_lines, quoted(subject, HMCAUTH))
    problem = _problem(subject, data)
    if problem:
        message = f"{problem}; the plan writes the file anew."
        return Outcome(FindingState.BLOCKER, message, evidence, curable=True)
    if session is None:
        message = (
            f"lvupdate.data names {subject.hmc}, but the LPAR has no session there yet; the plan logs on."
        )
        return Outcome(FindingState.BLOCKER, message, evidence, curable=True)
    message = f"lvupdate.data and hmcauth both name {subject.hmc} and {session.user}."
    return Outcome(FindingState.OK, message, evidence)


def _through_powervc(subject: Subject, data: LvupdateData, powervc: PowerVcConsole) -> Outcome:
    """The same with the `pvc` stanza; the plan writes the file in any case."""
    evidence = (
        lines_with(subject, LVUPDATE_DATA, having=("pvc:", "management_console", "user", "cat:")),
        quoted(subject, PVCAUTH),
    )
    console, user = data.get("pvc", "management_console"), data.get("pvc", "user")
    if not is_powervc(powervc, console) or user != powervc.user:
        message = (
            f"lvupdate.data does not name {powervc.name} as {powervc.user}; the plan writes the file anew."
        )
        return Outcome(FindingState.BLOCKER, message, evidence, curable=True)
    if powervc_session(subject) is None:
        message = (
            f"lvupdate.data names {powervc.name}, but the LPAR has no session there yet; the plan logs on."
        )
        return Outcome(FindingState.BLOCKER, message, evidence, curable=True)
    message = f"lvupdate.data and pvcauth both name {powervc.name} and {powervc.user}."
    return Outcome(FindingState.OK, message, evidence)


def _problem(subject: Subject, data: LvupdateData) -> str:
    console, user = data.get("hmc", "management_console"), data.get("hmc", "user")
    if not data.present:
        return "There is no lvupdate.data"
    if not console:
        skipped = [line for line in data.ignored if line.startswith("management_console")]
        reason = ": the key begins in column 0, where AIX does not see it" if skipped else ""
        return f"lvupdate.data names no management console (1430-237){reason}"
    if not is_console(subject, console):
        return f"lvupdate.data names the console {console}, and this LPAR's HMC is {subject.hmc}"
    if user != subject.hmc_user:
        return f"lvupdate.data names the HMC user {user or '(none)'}, and {subject.hmc_user} is wanted"
    return ""


CHECK = Check(
    id="RQ-041",
    title="lvupdate.data names the authenticated console",
    why="Live Update takes console and user from this file and looks for a session of just these.",
    remedy="Write management_console and user into the hmc stanza, each line beginning with white space.",
    see="hmcauth -l and the hmc stanza of /var/adm/ras/liveupdate/lvupdate.data name the same HMC and user",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-041",
    varies="Through PowerVC: the pvc stanza and pvcauth -l.",
)
