"""`lppchk -v`: the filesets that do not fit together."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, printed

FOUND = range(1, 126)
"""The statuses of a run that found something; above lie those of a shell that could not start it."""

_SENTENCE = re.compile(
    r"lppchk: +(?:[0-9]{4}-[0-9]{3} +)?The following filesets need to be installed or corrected to bring"
    r"(?: the system to a consistent state:?)?|\s+the system to a consistent state:"
)
_ROW = re.compile(r"\s+(\S+) +(\S.*?) +\(((?:usr|root|share|not installed)\b[^()]*)\)")


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """A fileset that is missing, wrong or in different states in `/usr` and `/`.

    `level` is the level wanted, or a condition such as `v=4, r<2`; `problem` is lppchk's remark.
    """

    fileset: str
    level: str
    problem: str


def parse(output: Output) -> tuple[Inconsistency, ...]:
    """The inconsistent filesets in the order listed; none when lppchk is silent and ends with 0.

    lppchk reports on either stream. Raises Unparsable for anything but its report.
    """
    if output.status not in FOUND:
        answer(output, "lppchk -v")
    lines = filled(printed(output.stdout) + printed(output.stderr))
    found = [_inconsistency(line) for line in lines if not _SENTENCE.fullmatch(line)]
    if not found and (lines or output.status):
        raise Unparsable("lppchk -v complains, but names no fileset", lines[0] if lines else "")
    return tuple(found)


def _inconsistency(line: str) -> Inconsistency:
    match = _ROW.fullmatch(line)
    if match is None:
        raise Unparsable("not an inconsistent fileset", line)
    return Inconsistency(*match.groups())


LPPCHK = Fact("lppchk", HostKind.LPAR, lambda: aix("lppchk", "-v"), parse)
