"""`lsnim`: every object of the NIM environment."""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.nim_objects import NimEntry, entries


def _build() -> Command:
    return aix("lsnim")


def _parse(output: Output) -> tuple[NimEntry, ...]:
    """The objects in the order listed."""
    return entries(output)


NIM_LIST = Fact(
    name="nim_list",
    host=HostKind.NIM_MASTER,
    build=_build,
    parse=_parse,
    discovery=True,
    also=("lsnim -t <type>", "lsnim -c <class>"),
)
