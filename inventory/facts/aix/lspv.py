"""`lspv`: the physical volumes that AIX knows and the volume groups that they belong to."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_ROW = re.compile(
    r"(?P<name>\S+)\s+(?P<pvid>none|\w*\d\w*)\s+(?P<group>\S+)(?:\s+(?P<state>[a-z]+))?", re.ASCII
)
_CLOSED = r".*\s(?:active|concurrent|locked)\s*"


@dataclass(frozen=True, slots=True)
class PhysicalVolume:
    """One disk. `pvid` and `volume_group` are empty when lspv prints `none` and `None`.

    `state` is `active`, `concurrent`, `locked`, …, or empty (free, or the group is varied off).
    """

    name: str
    pvid: str
    volume_group: str
    state: str


def _build() -> Command:
    return aix("lspv")


def _parse(output: Output) -> tuple[PhysicalVolume, ...]:
    disks: dict[str, PhysicalVolume] = {}
    for line in filled(answer(output, "lspv", closed=_CLOSED)):
        row = _ROW.fullmatch(line.strip())
        if row is None:
            raise Unparsable("not a row of lspv (name, PVID, volume group, state)", line)
        if row["name"] in disks:
            raise Unparsable("lspv names a disk twice", line)
        disks[row["name"]] = PhysicalVolume(
            name=row["name"],
            pvid="" if row["pvid"] == "none" else row["pvid"],
            volume_group="" if row["group"] == "None" else row["group"],
            state=row["state"] or "",
        )
    if not disks:
        raise Unparsable("lspv printed no disk")
    return tuple(disks.values())


LSPV = Fact(name="lspv", host=HostKind.LPAR, build=_build, parse=_parse)
