"""`lslpp -l`: the filesets as a table per object repository; long names take a line of their own."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row

_TITLE = re.compile(r"Fileset\s+Level\s+State\s+Description")
_PATH = re.compile(r"Path: (/\S*)")
_NAME = re.compile(r"  (\S+)")
_LEVEL = re.compile(
    r"\s+(?P<level>\S+)\s+(?P<state>COMMITTED|APPLIED|APPLYING|COMMITTING|REJECTING|DEINSTALLING|BROKEN|"
    r"OBSOLETE|TRANSITION)(?:\s+(?P<description>\S.*))?"
)
_LOCKED = re.compile(r"\s{20,}EFIXLOCKED(?:\s+(\S.*))?")
_REST = re.compile(r"\s{40,}(\S.*)")


def parse(output: Output) -> list[Row]:
    """One record per fileset and repository; `locked` by an interim fix is a line of its own."""
    lines = filled(answer(output, "lslpp -l"))
    if len(lines) < 2 or not _TITLE.fullmatch(lines[0].strip()) or lines[1].strip(" -"):
        raise Unparsable("not the heading of lslpp -l", lines[0] if lines else "")
    rows: list[Row] = []
    path = name = ""
    for line in lines[2:]:
        if found := _PATH.fullmatch(line):
            path, name = found[1], ""
            continue
        head = None if line.startswith("   ") else _NAME.match(line)
        name = head[1] if head else name
        columns = line[head.end() :] if head else line
        if name and (row := _LEVEL.fullmatch(columns)):
            rows.append({"path": path, "fileset": name, "locked": False} | row.groupdict(""))
        elif rows and (locked := _LOCKED.fullmatch(columns)):
            rows[-1]["locked"] = True
            rows[-1]["description"] = f"{rows[-1]['description']} {locked[1] or ''}".strip()
        elif columns and rows and (rest := _REST.fullmatch(columns)):
            rows[-1]["description"] += f" {rest[1]}"
        elif columns:
            raise Unparsable("not a row of lslpp -l", line)
    return rows


LSLPP_TABLE = plain("lslpp_table", HostKind.LPAR, "lslpp -l", "lslpp -l <fileset>", parse=parse)
