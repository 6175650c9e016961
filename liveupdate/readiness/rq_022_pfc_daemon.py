"""RQ-022: the PFC daemon must run where its notification script wants to stop it (P3)."""

from inventory.facts.aix.lssrc import LSSRC
from inventory.facts.aix.notification_scripts import NOTIFICATION_SCRIPTS
from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import TABLE_NAME, Defect, hit_by
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted

LABEL, DAEMON = "STOP_PFCD", "pfcdaemon"


def _test(subject: Subject) -> Outcome:
    """Without its script the daemon does not matter; with it, it must be active."""
    registered = any(each.label == LABEL for each in subject.value(NOTIFICATION_SCRIPTS))
    listed = lines_with(subject, NOTIFICATION_SCRIPTS, having=(LABEL,))
    if not registered:
        return Outcome(FindingState.OK, f"{LABEL} is not registered.", (listed,))
    status = next((each.status for each in subject.value(LSSRC) if each.name == DAEMON), "not on file")
    evidence = (listed, lines_with(subject, LSSRC, having=(f"{DAEMON} ",)))
    if status == "active":
        return Outcome(FindingState.OK, f"{DAEMON} is active.", evidence)
    level = subject.value(OSLEVEL)
    hit = hit_by(Defect.PFC_DAEMON, level) is not None
    known = f" At {level} its script is known to fail then ({TABLE_NAME})." if hit else ""
    return Outcome(
        FindingState.BLOCKER if hit else FindingState.WARNING,
        f"{LABEL} is registered, but {DAEMON} is {status}.{known}",
        (*evidence, quoted(subject, OSLEVEL)),
        curable=status == "inoperative",
    )


CHECK = Check(
    id="RQ-022",
    title="The PFC daemon runs",
    why="The notification script that stops it fails when it is down: 1430-134, status 1.",
    remedy="startsrc -s pfcdaemon, and wait until it is active: after an update that takes up to 5 minutes.",
    see="lssrc -s pfcdaemon shows active, or lvupdateRegScript -l does not list STOP_PFCD",
    severity=Severity.BLOCKER,
    varies="A blocker at 7200-02-02, where the script is known to fail; a warning at other levels.",
    test=_test,
    source=f"IBM community report; {TABLE_NAME}",
)
