"""`lspath`: the paths to the multipath devices and whether each can be used."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_ROW = re.compile(r"(Enabled|Disabled|Failed|Defined|Missing|Detected|Available)\s+(\S+)\s+(\S+)")


@dataclass(frozen=True, slots=True)
class Path:
    """One path; `status` is `Enabled`, `Disabled`, `Failed`, `Defined`, `Missing`, … as printed."""

    device: str
    parent: str
    status: str


def _build() -> Command:
    return aix("lspath")


def _parse(output: Output) -> tuple[Path, ...]:
    """The paths; an LPAR without multipath devices has none."""
    return tuple(_path(line) for line in filled(answer(output, "lspath")))


def _path(line: str) -> Path:
    row = _ROW.fullmatch(line.strip())
    if row is None:
        raise Unparsable("not a row of lspath (status, device, parent)", line)
    return Path(device=row[2], parent=row[3], status=row[1])


PATHS = Fact(name="paths", host=HostKind.LPAR, build=_build, parse=_parse, also=("lspath -l <disk>",))
