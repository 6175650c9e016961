"""`lsof /proc`: the processes that hold a file under /proc open.

lsof is not part of AIX; where it is not installed nothing can be told, which is a value of its own.
"""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line

NOT_INSTALLED = 127

_TITLE = re.compile(r"COMMAND\s+PID\s.*\bNAME")
_ROW = re.compile(r"(\S+)\s+([0-9]{1,10})\s+\S.*?\s(/\S*)(?:\s.*)?")
_WARNING = re.compile(r"lsof: WARNING: .*|\s+.*")


@dataclass(frozen=True, slots=True)
class ProcUser:
    """A process with an open file under /proc."""

    pid: int
    command: str
    path: str


def parse(output: Output) -> tuple[ProcUser, ...] | None:
    """The processes, or None where lsof is not installed. lsof ends with 1 when it finds nothing."""
    if output.status == NOT_INSTALLED and not first_line(output.stdout):
        return None
    lines = filled(answer(output, "lsof", statuses=(0, 1)))
    if not lines:
        complaint = [line for line in filled(output.stderr.splitlines()) if not _WARNING.fullmatch(line)]
        if complaint:
            raise Unparsable("lsof complains", complaint[0])
        return ()
    if not _TITLE.fullmatch(lines[0].strip()):
        raise Unparsable("not the header of lsof", lines[0])
    return tuple(user for user in map(_user, lines[1:]) if user is not None)


def _user(line: str) -> ProcUser | None:
    """The process of a row, None when its file lies elsewhere (sockets and pipes have no path)."""
    match = _ROW.fullmatch(line)
    if match is None:
        if " /proc" in line or not re.match(r"\S+\s+[0-9]+\s", line):
            raise Unparsable("not an open file", line)
        return None
    command, pid, path = match.groups()
    return ProcUser(int(pid), command, path) if path == "/proc" or path.startswith("/proc/") else None


PROC_USERS = Fact("proc_users", HostKind.LPAR, lambda: aix("lsof", "/proc"), parse, volatile=True)
