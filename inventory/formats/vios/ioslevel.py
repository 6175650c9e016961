"""`ioslevel`: the level of a VIOS."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line
from inventory.formats.base import plain

_LEVEL = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,3}){3}(?:-[A-Z0-9-]+)?")


def parse(output: Output) -> str:
    """The level, e.g. `3.1.4.21`."""
    line = only_line(answer(output, "ioslevel"), "level").strip()
    if not _LEVEL.fullmatch(line):
        raise Unparsable("not the level of a VIOS", line)
    return line


IOSLEVEL = plain("ioslevel", HostKind.VIOS, "ioslevel", parse=parse)
