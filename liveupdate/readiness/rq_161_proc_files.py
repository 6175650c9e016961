"""RQ-161: no process may hold a file under /proc open."""

import re

from inventory.facts.aix.proc_users import PROC_USERS
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import process_lines, quoted
from liveupdate.readiness.programs import MONITORS, named, running
from liveupdate.subject import Subject

READERS = re.compile(rf"truss|dbx|gdb|{MONITORS.pattern}")


def _test(subject: Subject) -> Outcome:
    """Ask lsof; where it is not installed, look for programs that are known to read /proc."""
    users = subject.value(PROC_USERS)
    if users is None:
        return _by_name(subject)
    evidence = (quoted(subject, PROC_USERS),)
    if not users:
        return Outcome(FindingState.OK, "No process has a file under /proc open.", evidence)
    found = ", ".join(dict.fromkeys(f"{user.command} ({user.pid})" for user in users))
    return Outcome(FindingState.BLOCKER, f"Files under /proc are open in {found}.", evidence)


def _by_name(subject: Subject) -> Outcome:
    readers = running(subject, READERS)
    if not readers:
        message = "lsof is not installed; none of the programs known to read /proc runs."
        return Outcome(FindingState.OK, message, (quoted(subject, PROC_USERS),))
    evidence = process_lines(subject, readers)
    message = f"lsof is not installed; programs run that are known to read /proc: {named(readers, READERS)}."
    return Outcome(FindingState.WARNING, message, (evidence,))


CHECK = Check(
    id="RQ-161",
    title="No open file under /proc",
    why="A process with an open file under /proc cannot be moved: the blackout fails with 1020-311.",
    remedy="Stop the process for the update (kill, stopsrc, or the agent's own stop), and start it after it.",
    see="lsof | grep proc prints nothing",
    severity=Severity.BLOCKER,
    test=_test,
)
