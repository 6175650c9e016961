"""`sysdumpdev -L`: the last system dump, if the LPAR ever took one."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, printed

_NONE = re.compile(r"0453-019\b.*")
_ATTRIBUTE = re.compile(r"([A-Z][A-Za-z /]*?)\s*:\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class SystemDump:
    """A dump: where it lies, when it was taken, and the file it was copied to (empty: to none)."""

    device: str
    taken: str
    copied_to: str


def parse(output: Output) -> SystemDump | None:
    """The dump, or None when none was recorded; sysdumpdev says so on either stream."""
    lines = filled([*answer(output, "sysdumpdev -L", statuses=range(4)), *printed(output.stderr)])
    if any(_NONE.fullmatch(line.strip()) for line in lines):
        return None
    values = {match[1]: match[2] for line in lines if (match := _ATTRIBUTE.fullmatch(line.strip()))}
    if "Device name" not in values or "Date/Time" not in values:
        raise Unparsable("neither a dump nor that there is none", lines[0] if lines else "")
    return SystemDump(values["Device name"], values["Date/Time"], values.get("Dump copy filename", ""))


PREVIOUS_DUMP = Fact("previous_dump", HostKind.LPAR, lambda: aix("sysdumpdev", "-L"), parse)
