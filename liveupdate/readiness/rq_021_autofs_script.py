"""RQ-021: some levels register a notification script of AutoFS that is not there (P5)."""

from inventory.facts.aix.notification_scripts import NOTIFICATION_SCRIPTS
from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import TABLE_NAME, Defect, hit_by
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted

LABEL = "AUTOFS_UMOUNT"


def _test(subject: Subject) -> Outcome:
    """Only levels with the defect register a script that fails."""
    level = subject.value(OSLEVEL)
    shown = quoted(subject, OSLEVEL)
    hit = hit_by(Defect.AUTOFS_SCRIPT, level)
    if hit is None:
        message = f"At {level} the script of AutoFS is delivered ({TABLE_NAME})."
        return Outcome(FindingState.OK, message, (shown,))
    scripts = [each for each in subject.value(NOTIFICATION_SCRIPTS) if each.label == LABEL]
    evidence = (shown, lines_with(subject, NOTIFICATION_SCRIPTS, having=(LABEL,)))
    if not scripts:
        return Outcome(FindingState.OK, f"{LABEL} is not registered.", evidence)
    message = f"{LABEL} is registered ({scripts[0].command}), but fails at {level}; {hit.apar} repairs it"
    return Outcome(
        FindingState.BLOCKER, f"{message} from {hit.before} on ({TABLE_NAME}).", evidence, curable=True
    )


CHECK = Check(
    id="RQ-021",
    title="AutoFS's notification script works",
    why="The script is registered but not delivered: its status 127 ends the update with 1430-134.",
    remedy="lvupdateRegScript -r -n AUTOFS_UMOUNT -d orig -P LVUP_CHECK: the plan does it, and registers "
    "the script again afterwards. Or install the APAR first.",
    see="lvupdateRegScript -l does not list AUTOFS_UMOUNT; or oslevel -s shows 7200-01-02-1717, "
    "7200-02-02-1832, 7200-03-00-1837 or above in that technology level",
    severity=Severity.BLOCKER,
    varies="At repaired levels the script may be registered.",
    test=_test,
    source=f"APARs IV89963, IJ04531, IJ04532; {TABLE_NAME}",
)
