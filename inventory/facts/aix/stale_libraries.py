"""`genld -u`: the processes that still run with libraries replaced on disk."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line

_ROW = re.compile(r"Proc_pid:\s+([0-9]{1,10})\s+Proc_name:\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class StaleProcess:
    """A process that uses an old library until it is started again."""

    pid: int
    name: str


def parse(output: Output) -> tuple[StaleProcess, ...]:
    """The processes; none when nothing is stale."""
    processes = []
    for line in filled(answer(output, "genld -u")):
        match = _ROW.fullmatch(line.strip())
        if match is None:
            raise Unparsable("not a process with old libraries", line)
        processes.append(StaleProcess(int(match[1]), match[2]))
    if not processes and first_line(output.stderr):
        raise Unparsable("genld complains", first_line(output.stderr))
    return tuple(processes)


STALE_LIBRARIES = Fact("stale_libraries", HostKind.LPAR, lambda: aix("genld", "-u"), parse, volatile=True)
