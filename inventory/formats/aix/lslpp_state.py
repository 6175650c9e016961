"""`lslpp -lc`: the filesets of each object repository with their states.

Each row begins with the path of the repository, which the header does not name; other colons than
those between the columns belong to the description.
"""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row

_HEADER = re.compile(r"#Fileset:Level:PTF Id:State:Type:Description(?::EFIX Locked)?")
_ROW = re.compile(
    r"(?P<path>/[^:]*):(?P<fileset>[^:\s]+):(?P<level>[0-9]+(?:\.[0-9]+){3}):(?P<ptf>[^:]*):"
    r"(?P<state>[A-Z ]+):(?P<type>[A-Z ]?):(?P<description>.*)"
)


def parse(output: Output) -> list[Row]:
    """One record per row; `locked` tells whether an interim fix locks the fileset (None: not printed)."""
    lines = filled(answer(output, "lslpp -lc"))
    if not lines or not _HEADER.fullmatch(lines[0]):
        raise Unparsable("not the header of lslpp -lc", lines[0] if lines else "")
    with_lock = lines[0].endswith("EFIX Locked")
    return [_row(line, with_lock) for line in lines[1:]]


def _row(line: str, with_lock: bool) -> Row:
    match = _ROW.fullmatch(line)
    if match is None:
        raise Unparsable("not a fileset", line)
    row: Row = {name: value.strip() for name, value in match.groupdict().items()}
    row["locked"] = None
    if with_lock:
        description, colon, locked = row["description"].rpartition(":")
        if not colon or locked.strip() not in ("", "EFIXLOCKED"):
            raise Unparsable("the column EFIX Locked is missing", line)
        row |= {"description": description.strip(), "locked": bool(locked.strip())}
    return row


LSLPP_STATE = plain(
    "lslpp_state", HostKind.LPAR, "lslpp -lc", "lslpp -lc all", "lslpp -lc <fileset>", parse=parse
)
