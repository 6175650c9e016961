"""The rows of `lslpp -Lc`: every fileset and RPM of an AIX host."""

import re
from dataclasses import dataclass

from inventory.facts.base import Output, Unparsable
from inventory.facts.text import answer, filled

HEADER = (
    "#Package Name:Fileset:Level:State:PTF Id:Fix State:Type:Description:Destination Dir.:Uninstaller:"
    "Message Catalog:Message Set:Message Number:Parent:Automatic:EFIX Locked:Install Path:Build Date"
)
COLUMNS = HEADER.count(":") + 1

_STATE = re.compile(r"[A-Z?]?")
_BUILD_TIME = re.compile(r"\b[0-9]{1,2}:[0-9]{2}:[0-9]{2}\b[^:]*$")
_LOCKED = {"1": True, "0": False, "": False}


@dataclass(frozen=True, slots=True)
class Fileset:
    """One fileset or RPM. Compare `level` with `vrmf()` only when `kind` is not `R` (RPM).

    `state` is the letter of column Fix State: `C` committed, `A` applied, `E` locked by an interim
    fix, `B` broken, others transitional. `locked` says whether an interim fix locks it.
    """

    name: str
    level: str
    state: str
    kind: str
    locked: bool
    description: str


def parse_filesets(output: Output) -> tuple[Fileset, ...]:
    """The filesets in the order listed. The header must be the documented one, in the C locale."""
    lines = filled(answer(output, "lslpp -Lc", closed=r".*:[^:]*:[0-9]{4}\s*"))
    if not lines or lines[0] != HEADER:
        raise Unparsable("not the header of lslpp -Lc", lines[0] if lines else "")
    return tuple(fileset_of(line) for line in lines[1:])


def fileset_of(line: str) -> Fileset:
    """The fileset of one row. Surplus colons belong to the description, but for those of the build time.

    Raises Unparsable.
    """
    columns = [column.strip() for column in line.split(":")]
    in_time = 2 if _BUILD_TIME.search(line) else 0
    surplus = len(columns) - COLUMNS - in_time
    if surplus < 0:
        raise Unparsable("too few columns", line)
    name, level, state, kind = columns[1], columns[2], columns[5], columns[6]
    description = ":".join(line.split(":")[7 : 8 + surplus]).strip()
    locked = _LOCKED.get(columns[15 + surplus])
    if not name or not level or not _STATE.fullmatch(state) or locked is None:
        raise Unparsable("not a fileset", line)
    return Fileset(name, level, state, kind, locked, description)
