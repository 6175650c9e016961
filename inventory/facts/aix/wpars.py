"""`lswpar -c -q -a name,state`: the workload partitions of the LPAR."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line

NOT_INSTALLED = 127

_ROW = re.compile(r"([^\s:]+):([A-Z])")


@dataclass(frozen=True, slots=True)
class Wpar:
    """One workload partition; `state` is lswpar's letter: `A` active, `D` defined (stopped), …."""

    name: str
    state: str


def parse(output: Output) -> tuple[Wpar, ...]:
    """The workload partitions; none where the `lswpar` command is not installed."""
    if output.status == NOT_INSTALLED and not first_line(output.stdout):
        return ()
    wpars = []
    for line in filled(answer(output, "lswpar")):
        match = _ROW.fullmatch(line.strip())
        if match is None:
            raise Unparsable("not a workload partition", line)
        wpars.append(Wpar(match[1], match[2]))
    if not wpars and first_line(output.stderr):
        raise Unparsable("lswpar complains", first_line(output.stderr))
    return tuple(wpars)


WPARS = Fact("wpars", HostKind.LPAR, lambda: aix("lswpar", "-c", "-q", "-a", "name,state"), parse)
