"""RQ-058: the NIM client runs, and NIM has nothing else in hand with it."""

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.nim import NOT_THROUGH_NIM, client_lines, client_of, no_client, through_nim

WANTED = {"Cstate": "ready for a NIM operation", "Mstate": "currently running"}


def _test(subject: Subject) -> Outcome:
    if not through_nim(subject):
        return NOT_THROUGH_NIM
    client = client_of(subject)
    if client is None:
        return no_client(subject)
    evidence = (client_lines(subject, *WANTED, "Cstate_result", "err_info"),)
    silent = [name for name in WANTED if not client.get(name)]
    other = [f"{name} is {client.get(name)}" for name, wanted in WANTED.items() if client.get(name) != wanted]
    if silent:
        return Outcome(FindingState.UNKNOWN, f"NIM does not tell {' and '.join(silent)}.", evidence)
    if other:
        return Outcome(FindingState.BLOCKER, f"Of {client.name} {', '.join(other)}.", evidence)
    return Outcome(FindingState.OK, f"{client.name} runs and is ready for a NIM operation.", evidence)


CHECK = Check(
    id="RQ-058",
    title="The NIM client is ready",
    why="NIM starts nothing on a client that it thinks busy or down.",
    remedy="See first on the LPAR that nothing runs there; then nim -Fo reset LPAR. If it does not answer, "
    "start nimsh there: startsrc -s nimsh.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-058",
    see="lsnim -l LPAR on the NIM master: Cstate = ready for a NIM operation, Mstate = currently running",
    varies="Only for an update through a NIM master.",
)
