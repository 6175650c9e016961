"""RQ-030: no space management may move files away (Spectrum Protect HSM, DMAPI)."""

from inventory.facts.aix.lsfs import LSFS
from inventory.facts.aix.processes import PROCESSES
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, process_lines, quoted

DAEMONS = frozenset({"dsmrecalld", "dsmmonitord", "dsmscoutd", "dsmrootd", "dsmwatchd"})


def _test(subject: Subject) -> Outcome:
    """Daemons count, and file systems that are open to be managed."""
    daemons = [each for each in subject.value(PROCESSES) if each.program in DAEMONS]
    if daemons:
        names = ", ".join(dict.fromkeys(each.program for each in daemons))
        message = f"Space management runs: {names}."
        return Outcome(FindingState.BLOCKER, message, (process_lines(subject, daemons),))
    managed = [each.mount_point for each in subject.value(LSFS) if each.dmapi]
    if managed:
        message = f"File systems are open to space management (DMAPI): {', '.join(managed)}."
        return Outcome(FindingState.BLOCKER, message, (lines_with(subject, LSFS, having=("DMAPI: yes",)),))
    return Outcome(FindingState.OK, "No space management is active.", (quoted(subject, LSFS),))


CHECK = Check(
    id="RQ-030",
    title="No space management is active",
    why="Live Update does not move file systems whose files lie elsewhere until they are recalled.",
    remedy="Stop Spectrum Protect for Space Management and deactivate it for the file systems named.",
    see="ps -ef shows no dsmrecalld or dsmmonitord; lsfs -q shows DMAPI: no for every JFS2 file system",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
    settled_by_preview=True,
)
