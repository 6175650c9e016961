"""`swap -s`: how the paging spaces are used, in blocks of 4 KB."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line
from inventory.formats.base import plain
from inventory.formats.tables import Row

_LINE = re.compile(
    r"allocated\s*=\s*([0-9]+) blocks\s+used\s*=\s*([0-9]+) blocks\s+free\s*=\s*([0-9]+) blocks"
)


def parse(output: Output) -> Row:
    """Blocks of 4 KB allocated, used and free."""
    line = only_line(answer(output, "swap -s", closed=r".* blocks\s*"), "line of swap -s").strip()
    match = _LINE.fullmatch(line)
    if match is None:
        raise Unparsable("not the line of swap -s", line)
    return {"allocated": int(match[1]), "used": int(match[2]), "free": int(match[3])}


SWAP = plain("swap", HostKind.LPAR, "swap -s", parse=parse)
