"""`ps -ef`: every process with its arguments."""

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_TITLE = re.compile(r"UID\s+PID\s+PPID\s+C\s+STIME\s+TTY\s+TIME\s+CMD")
_ROW = re.compile(
    r"\s*(\S+)\s+([0-9]{1,10})\s+([0-9]{1,10})\s+[0-9]+\s+"
    r"(?:(?:[0-9]{2}:[0-9]{2}:[0-9]{2}|[A-Z][a-z]{2} +[0-9]{1,2})\s+)?"
    r"(?:\S+\s+)?[0-9]+(?:-[0-9]{2})?(?::[0-9]{2}){1,2}(?:\s(.*))?"
)
_ROW_LIKE = re.compile(r"\s*\S+\s+[0-9]+\s+[0-9]+\s+[0-9]+\s.*")


@dataclass(frozen=True, slots=True)
class Process:
    """One process; `arguments` is its command line as far as `ps` shows it."""

    user: str
    pid: int
    ppid: int
    arguments: str

    @property
    def program(self) -> str:
        """The name of the program, without directory and arguments."""
        words = self.arguments.split()
        return PurePosixPath(words[0]).name if words else ""


def parse(output: Output) -> tuple[Process, ...]:
    """The processes. A line that begins no process goes on with the arguments of the one above."""
    lines = filled(answer(output, "ps -ef"))
    if not lines or not _TITLE.fullmatch(lines[0].strip()):
        raise Unparsable("not the header of ps -ef", lines[0] if lines else "")
    processes: list[Process] = []
    for line in lines[1:]:
        match = _ROW.fullmatch(line)
        if match is not None:
            user, pid, ppid, arguments = match.groups()
            processes.append(Process(user, int(pid), int(ppid), (arguments or "").strip()))
        elif processes and not _ROW_LIKE.fullmatch(line):
            last = processes[-1]
            processes[-1] = replace(last, arguments=f"{last.arguments} {line.strip()}")
        else:
            raise Unparsable("not a process", line)
    if not processes:
        raise Unparsable("no process in the output")
    return tuple(processes)


PROCESSES = Fact("processes", HostKind.LPAR, lambda: aix("ps", "-ef"), parse, volatile=True)
