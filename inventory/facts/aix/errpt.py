"""`errpt -N LVUPDATE`: what the error log says of Live Updates, newest first."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line

RESOURCE = "LVUPDATE"

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


def parse(output: Output) -> tuple[ErrorEntry, ...]:
    """The entries of Live Update, newest first; none where the log holds none."""
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
    return tuple(entry for entry in entries if entry.resource == RESOURCE)


ERRPT = Fact("errpt", HostKind.LPAR, lambda: aix("errpt", "-N", RESOURCE), parse)
