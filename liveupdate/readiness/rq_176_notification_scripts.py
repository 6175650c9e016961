"""RQ-176: every script that was registered on site must be there and executable."""

from inventory.facts.aix.notification_scripts import NOTIFICATION_SCRIPTS
from inventory.facts.aix.script_executable import SCRIPT_EXECUTABLE
from inventory.lpar_parameters import site_scripts
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, quoted


def _test(subject: Subject) -> Outcome:
    """AIX's own scripts are left to RQ-021 and the preview: there are dozens, and they come with filesets."""
    paths = site_scripts(script.command for script in subject.value(NOTIFICATION_SCRIPTS))
    if not paths:
        message = "No script is registered but those of AIX."
        return Outcome(FindingState.OK, message, (quoted(subject, NOTIFICATION_SCRIPTS),))
    missing = [path for path in paths if not subject.value(SCRIPT_EXECUTABLE, path)]
    shown = missing or paths
    evidence = (
        lines_where(subject, NOTIFICATION_SCRIPTS, keep=lambda line: any(path in line for path in shown)),
    )
    if missing:
        message = f"Registered scripts are missing or may not be executed: {', '.join(missing)}."
        return Outcome(FindingState.WARNING, message, evidence)
    message = f"Every script registered on site may be executed: {', '.join(paths)}."
    return Outcome(FindingState.OK, message, evidence)


CHECK = Check(
    id="RQ-176",
    title="Registered scripts are there",
    why="The update ends with 1430-134 at a notification script that is missing (status 127) or may not be "
    "executed (126).",
    remedy="Bring the script back, or take it out: lvupdateRegScript -r -n LABEL -d orig -P PHASE",
    see="test -x succeeds for each script that lvupdateRegScript -l lists",
    severity=Severity.WARNING,
    test=_test,
)
