"""`uname -L`: partition id and name, as the running LPAR knows them."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line

_PARTITION = re.compile(r"(-?[0-9]{1,9})\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class Partition:
    """Partition id (it may change with a Live Update; -1: not a partition) and name, blanks allowed."""

    id: int
    name: str


def parse(output: Output) -> Partition:
    """The id and the name."""
    line = only_line(answer(output, "uname -L"), "partition")
    match = _PARTITION.fullmatch(line)
    if match is None:
        raise Unparsable("not a partition id and name", line)
    return Partition(int(match[1]), match[2])


UNAME_L = Fact("uname_l", HostKind.LPAR, lambda: aix("uname", "-L"), parse)
