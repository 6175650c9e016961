"""`lslpp -L`: the filesets as a table with letters for state and type, and a legend behind it."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row

_TITLE = re.compile(r"Fileset\s+Level\s+State\s+Type\s+Description \(Uninstaller\)")
_NAME = re.compile(r" {1,2}(\S+)")
_REST = re.compile(
    r"\s+(?P<level>\S+)\s+(?P<state>[ABCEO?])\s+(?P<type>[FPCTRE])(?:\s+(?P<description>\S.*))?"
)
_UNINSTALLER = re.compile(r"\s{20,}(\S.*)")
_LEGEND = "State codes:"


def parse(output: Output) -> list[Row]:
    """One record per fileset; the table ends where its legend begins, which must be there."""
    lines = filled(answer(output, "lslpp -L"))
    if len(lines) < 2 or not _TITLE.fullmatch(lines[0].strip()) or lines[1].strip(" -"):
        raise Unparsable("not the heading of lslpp -L", lines[0] if lines else "")
    if _LEGEND not in lines:
        raise Unparsable("the table ends without its legend", lines[-1])
    rows: list[Row] = []
    name = ""
    for line in lines[2 : lines.index(_LEGEND)]:
        head = None if line.startswith("   ") else _NAME.match(line)
        name = head[1] if head else name
        columns = line[head.end() :] if head else line
        if name and (row := _REST.fullmatch(columns)):
            rows.append({"fileset": name} | row.groupdict(""))
        elif columns and rows and (rest := _UNINSTALLER.fullmatch(columns)):
            rows[-1]["description"] += f" {rest[1]}"
        elif columns:
            raise Unparsable("not a row of lslpp -L", line)
    return rows


LSLPP_LETTERS = plain(
    "lslpp_letters", HostKind.LPAR, "lslpp -L", "lslpp -L all", "lslpp -L <fileset>", parse=parse
)
