"""RQ-014: installed interim fixes must be in a settled state."""

from inventory.facts.aix.emgr_list import EMGR_LIST
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with

UNSETTLED = {
    "Q": "reboot required",
    "B": "broken",
    "I": "installing",
    "R": "removing",
    "M": "mounted",
    "U": "unmounted",
}


def _test(subject: Subject) -> Outcome:
    """Look for states that a reboot, a repair or an unfinished operation left."""
    ifixes = subject.value(EMGR_LIST)
    unsettled = [ifix for ifix in ifixes if UNSETTLED.keys() & set(ifix.state)]
    if not unsettled:
        message = "Every interim fix is stable." if ifixes else "No interim fix is installed."
        listed = tuple(ifix.label for ifix in ifixes) or ("efix",)
        return Outcome(FindingState.OK, message, (lines_with(subject, EMGR_LIST, having=listed),))
    said = ", ".join(f"{ifix.label} ({_meaning(ifix.state)})" for ifix in unsettled)
    evidence = lines_with(subject, EMGR_LIST, having=tuple(ifix.label for ifix in unsettled))
    return Outcome(FindingState.BLOCKER, f"Not settled: {said}.", (evidence,))


def _meaning(state: str) -> str:
    return ", ".join(UNSETTLED[letter] for letter in state if letter in UNSETTLED)


CHECK = Check(
    id="RQ-014",
    title="Interim fixes are in a stable state",
    why="An unfinished or broken interim fix makes every further installation fail.",
    remedy="Remove it (emgr -r -L LABEL), repair it (emgr -C) or reboot, as its state asks.",
    see="emgr -l shows the state S for each interim fix",
    severity=Severity.BLOCKER,
    test=_test,
)
