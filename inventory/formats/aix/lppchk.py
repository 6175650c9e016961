"""`lppchk -v`: whether every fileset has what it requires. A sound system prints nothing."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row

_ROW = re.compile(r"\s+(?P<fileset>\S+)\s+(?P<level>[0-9]+(?:\.[0-9]+){3})\s+(?P<problem>\S.*)")
_SAID = re.compile(
    r"lppchk:\s+(?:05\d\d-\d{3}\s+|The following filesets need to be installed or corrected).*|"
    r"\s+the system to a consistent state:"
)


def parse(output: Output) -> list[Row]:
    """The filesets in trouble; none when lppchk says nothing, on either stream."""
    lines = filled([*answer(output, "lppchk", statuses=range(256)), *output.stderr.splitlines()])
    problems: list[Row] = []
    for line in lines:
        if row := _ROW.fullmatch(line):
            problems.append(row.groupdict())
        elif not _SAID.fullmatch(line):
            raise Unparsable("not what lppchk says of a fileset", line)
    if bool(lines or output.status) != bool(problems):
        raise Unparsable("lppchk complains without naming a fileset", lines[0] if lines else "")
    return problems


LPPCHK = plain("lppchk", HostKind.LPAR, "lppchk -v", "lppchk -v -m3", parse=parse)
