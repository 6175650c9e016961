"""What checks on running programs share."""

import re
from collections.abc import Iterable

from inventory.facts.aix.processes import PROCESSES, Process
from inventory.programs import program_of
from liveupdate.subject import Subject


def running(subject: Subject, programs: re.Pattern[str]) -> list[Process]:
    """The processes that run one of these programs, directly or by an interpreter."""
    return [process for process in subject.value(PROCESSES) if program_of(process, programs)]


def named(processes: Iterable[Process], programs: re.Pattern[str]) -> str:
    """The processes as a person reads them: program, process id and account."""
    return ", ".join(
        f"{program_of(process, programs) or process.program} ({process.pid}, {process.user})"
        for process in processes
    )
