"""`lsnim -c management`: the HMCs, managed systems (`cec`) and VIOSs that NIM can ask."""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.nim_objects import NimEntry, entries


def _build() -> Command:
    return aix("lsnim", "-c", "management")


def _parse(output: Output) -> tuple[NimEntry, ...]:
    """The management objects; there may be none."""
    return entries(output)


NIM_MANAGEMENT = Fact(name="nim_management", host=HostKind.NIM_MASTER, build=_build, parse=_parse)
