"""The lines of `errpt` without `-a`: one entry of the error log each, newest first."""

import re
from dataclasses import dataclass

from inventory.facts.base import Output, Unparsable
from inventory.facts.text import answer, filled, first_line

_TITLE = re.compile(r"IDENTIFIER\s+TIMESTAMP\s+T\s+C\s+RESOURCE_NAME\s+DESCRIPTION")
_ROW = re.compile(r"([0-9A-F]{8})\s+([0-9]{10})\s+([A-Z])\s+([A-Z])\s+(\S+)(?:\s+(\S.*))?")


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """One line of the error log; `timestamp` is the LPAR's local time as MMDDhhmmYY (no seconds)."""

    identifier: str
    timestamp: str
    type: str
    error_class: str
    resource: str
    description: str


def error_entries(output: Output) -> tuple[ErrorEntry, ...]:
    """The entries in the order printed; none where nothing is printed. Raises Unparsable."""
    lines = filled(answer(output, "errpt"))
    if not lines:
        if first_line(output.stderr):
            raise Unparsable("errpt complains", first_line(output.stderr))
        return ()
    if not _TITLE.fullmatch(lines[0].strip()):
        raise Unparsable("not the header of errpt", lines[0])
    entries = []
    for line in lines[1:]:
        match = _ROW.fullmatch(line.strip())
        if match is None:
            raise Unparsable("not an entry of the error log", line)
        entries.append(ErrorEntry(*(part or "" for part in match.groups())))
    return tuple(entries)
