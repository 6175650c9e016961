"""What checks on running programs share: under which names a process runs, told by words, not by parts."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from inventory.facts.aix.processes import PROCESSES, Process
from liveupdate.subject import Subject

MONITORS = re.compile(
    r"n[ij]?mon(?:[0-9]+[a-z]?)?(?:_(?:aix|power)\w*)*|topas(?:_nmon)?|"
    r"lpar2rrd(?:[-_]agent)?(?:\.pl)?|zabbix_agent[d2]?|ucybsmgr"
)
"""Programs of monitoring that are known to read /proc."""

_STARTS_OTHERS = re.compile(
    r"-?(?:b|k|c|tc|ba)?sh|ksh93|perl[0-9.]*|python[0-9.]*|env|nice|nohup|timex?|sudo"
)


def running(subject: Subject, programs: re.Pattern[str]) -> list[Process]:
    """The processes that run one of these programs, directly or by an interpreter."""
    return [process for process in subject.value(PROCESSES) if program_of(process, programs)]


def program_of(process: Process, programs: re.Pattern[str]) -> str:
    """The name under which a process runs one of these programs, empty if it runs none.

    A program that is only an argument (`vi nmon.conf`, `grep truss`) does not run; one that a shell,
    perl or the like was given to run does. A colon ends the name that a daemon gave itself.
    """
    words = process.arguments.split()
    for word in words:
        name = PurePosixPath(word).name.rstrip(":")
        if programs.fullmatch(name):
            return name
        if not (_STARTS_OTHERS.fullmatch(name) or word.startswith("-") or word.isdigit()):
            break
    return ""


def named(processes: Iterable[Process], programs: re.Pattern[str]) -> str:
    """The processes as a person reads them: program, process id and account."""
    return ", ".join(
        f"{program_of(process, programs) or process.program} ({process.pid}, {process.user})"
        for process in processes
    )
