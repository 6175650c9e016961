"""RQ-162: Workload Manager must be stopped, and inittab must not start it on the surrogate."""

from inventory.facts.aix.netwlm import NETWLM
from inventory.facts.aix.wlm import WLM
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    """Both the running manager and the inittab entry count."""
    running = subject.value(WLM).is_running
    entry = subject.value(NETWLM)
    starts = entry is not None and entry.action != "off"
    evidence = (quoted(subject, WLM), quoted(subject, NETWLM))
    if not running and not starts:
        return Outcome(FindingState.OK, "Workload Manager is stopped and stays so.", evidence)
    reasons = ["Workload Manager runs."] if running else []
    reasons += ["The inittab entry rcnetwlm starts Workload Manager."] if starts else []
    return Outcome(
        FindingState.BLOCKER,
        " ".join(reasons),
        evidence,
        curable=True,
        consent=Consent.WLM_OFF,
    )


CHECK = Check(
    id="RQ-162",
    title="Workload Manager is stopped",
    why="Live Update fails with Workload Manager active; with its inittab entry the surrogate starts it.",
    remedy="Stop it (wlmcntrl -o) and switch its inittab entry rcnetwlm off; put the entry back"
    " and start it (wlmcntrl -a or -p) after it.",
    see="wlmcntrl -q prints: WLM is stopped; lsitab rcnetwlm finds nothing, or its action is off",
    severity=Severity.BLOCKER,
    test=_test,
)
