"""`lsnim -l -c CLASS`: all objects of a class with their attributes, in one answer."""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.nim_objects import NimStanza, stanzas


def _build(nim_class: str) -> Command:
    return aix("lsnim", "-l", "-c", nim_class)


def _parse(output: Output) -> tuple[NimStanza, ...]:
    """The objects; a class may have none."""
    return stanzas(output)


NIM_OBJECTS_OF_CLASS = Fact(
    name="nim_objects_of_class",
    host=HostKind.NIM_MASTER,
    build=_build,
    parse=_parse,
    params=("nim_class",),
    discovery=True,
    also=("lsnim -l", "lsnim -l -t <type>", "lsnim -t <type> -l", "lsnim -c <class> -l"),
)
