"""RQ-161: no process may hold a file under /proc open."""

from inventory.facts.aix.open_proc_files import OPEN_PROC_FILES
from inventory.facts.aix.proc_users import PROC_USERS
from inventory.facts.aix.processes import Process
from inventory.facts.base import FactMissing
from inventory.programs import READERS_OF_PROC
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, process_lines, quoted
from liveupdate.readiness.programs import named, running, stopped_by_plan, with_pids


def _test(subject: Subject) -> Outcome:
    """Ask lsof; where it is not installed, look for programs that are known to read /proc.

    Such a program counts as a warning while its files are not known or none of them lies under /proc:
    it may open one at any moment.
    """
    users = subject.value(PROC_USERS)
    if users is None:
        return _by_name(subject)
    evidence = (quoted(subject, PROC_USERS),)
    if not users:
        return Outcome(FindingState.OK, "No process has a file under /proc open.", evidence)
    found = ", ".join(dict.fromkeys(f"{user.command} ({user.pid})" for user in users))
    holding = [(user.pid, user.command) for user in users]
    message = f"Files under /proc are open in {found}."
    return stopped_by_plan(subject, holding, FindingState.BLOCKER, message, evidence)


def _by_name(subject: Subject) -> Outcome:
    readers = running(subject, READERS_OF_PROC)
    if not readers:
        message = "lsof is not installed; none of the programs known to read /proc runs."
        return Outcome(FindingState.OK, message, (quoted(subject, PROC_USERS),))
    holding = [process for process in readers if _holds_open(subject, process)]
    if holding:
        message = f"Files under /proc are open in {named(holding, READERS_OF_PROC)}."
        evidence = tuple(
            lines_with(subject, OPEN_PROC_FILES, str(process.pid), having=("/proc",)) for process in holding
        )
        shown = (process_lines(subject, holding), *evidence)
        return stopped_by_plan(subject, with_pids(holding), FindingState.BLOCKER, message, shown)
    names = named(readers, READERS_OF_PROC)
    message = f"lsof is not installed; programs run that are known to read /proc: {names}."
    shown = (process_lines(subject, readers),)
    return stopped_by_plan(subject, with_pids(readers), FindingState.WARNING, message, shown)


def _holds_open(subject: Subject, process: Process) -> bool:
    try:
        return bool(subject.value(OPEN_PROC_FILES, str(process.pid)))
    except FactMissing:
        return False


CHECK = Check(
    id="RQ-161",
    title="No open file under /proc",
    why="A process with an open file under /proc cannot be moved: the blackout fails with 1020-311.",
    remedy="Stop the process for the update (kill, stopsrc, or the agent's own stop), and start it after it.",
    see="lsof | grep proc prints nothing",
    severity=Severity.BLOCKER,
    test=_test,
)
