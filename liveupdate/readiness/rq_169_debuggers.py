"""RQ-169: no debugger or tracer may be attached to a process."""

import re

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import process_lines
from liveupdate.readiness.programs import named, running, stopped_by_plan, with_pids

DEBUGGERS = re.compile(r"truss|dbx|gdb")


def _test(subject: Subject) -> Outcome:
    """Look for the programs by name."""
    found = running(subject, DEBUGGERS)
    evidence = (process_lines(subject, found),)
    if not found:
        return Outcome(FindingState.OK, "No debugger runs.", evidence)
    message = f"Debuggers run: {named(found, DEBUGGERS)}."
    return stopped_by_plan(subject, with_pids(found), FindingState.BLOCKER, message, evidence)


CHECK = Check(
    id="RQ-169",
    title="No debugger is attached",
    why="A traced process cannot be moved to the surrogate.",
    remedy="Let its user end it, or stop it: kill PID",
    see="ps -ef shows no truss, dbx or gdb",
    severity=Severity.BLOCKER,
    test=_test,
)
