"""`lsitab rcnetwlm`: whether inittab starts Workload Manager at boot."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, first_line, only_line

_ENTRY = re.compile(r"rcnetwlm:([0-9a-zA-Z]*):([a-z]*):(.*)")


@dataclass(frozen=True, slots=True)
class InittabEntry:
    """The `rcnetwlm` entry of /etc/inittab; `line` is what `chitab` takes to bring it back."""

    run_levels: str
    action: str
    command: str
    line: str


def parse(output: Output) -> InittabEntry | None:
    """The entry, or None when inittab has none (`lsitab` then prints nothing and ends with 1)."""
    lines = answer(output, "lsitab rcnetwlm", statuses=(0, 1))
    if output.status == 1:
        said = first_line(output.stdout) or first_line(output.stderr)
        if said:
            raise Unparsable("lsitab failed", said)
        return None
    line = only_line(lines, "inittab entry")
    match = _ENTRY.fullmatch(line)
    if match is None:
        raise Unparsable("not the inittab entry rcnetwlm", line)
    return InittabEntry(match[1], match[2], match[3].strip(), line)


NETWLM = Fact("netwlm", HostKind.LPAR, lambda: aix("lsitab", "rcnetwlm"), parse)
