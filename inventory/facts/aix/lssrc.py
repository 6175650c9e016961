"""`lssrc -a`: the subsystems under the System Resource Controller."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_TITLE = re.compile(r"Subsystem\s+Group\s+PID\s+Status")
_ROW = re.compile(r"(\S+(?:\s+\S+){0,2}?)\s+(active|inoperative|stopping|warned to stop)")
_PID = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Subsystem:
    """One subsystem; `group` may be empty, `pid` is None while none runs."""

    name: str
    group: str
    pid: int | None
    status: str


def parse(output: Output) -> tuple[Subsystem, ...]:
    """The subsystems in the order listed."""
    lines = filled(answer(output, "lssrc -a", closed=r".*\s(?:active|inoperative)\s*"))
    if not lines or not _TITLE.fullmatch(lines[0].strip()):
        raise Unparsable("not the header of lssrc", lines[0] if lines else "")
    return tuple(_subsystem(line) for line in lines[1:])


def _subsystem(line: str) -> Subsystem:
    """Group and PID are optional columns: a number is the PID, anything else the group."""
    match = _ROW.fullmatch(line.strip())
    if match is None:
        raise Unparsable("not a subsystem", line)
    name, *rest = match[1].split()
    pid = int(rest.pop()) if rest and _PID.fullmatch(rest[-1]) else None
    if len(rest) > 1:
        raise Unparsable("not a PID", line)
    return Subsystem(name, rest[0] if rest else "", pid, match[2])


LSSRC = Fact(
    "lssrc",
    HostKind.LPAR,
    lambda: aix("lssrc", "-a"),
    parse,
    also=("lssrc -s <subsystem>", "lssrc -g <group>"),
)
