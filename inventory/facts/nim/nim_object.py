"""`lsnim -l NAME`: one object with its attributes."""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.nim_objects import NimStanza, stanzas
from inventory.facts.text import first_line

NO_SUCH_OBJECT = "0042-053"


def _build(nim_name: str) -> Command:
    return aix("lsnim", "-l", nim_name)


def _parse(output: Output) -> NimStanza | None:
    """The object, or None when NIM knows no object of this name."""
    if output.status and first_line(output.stderr + output.stdout).startswith(NO_SUCH_OBJECT):
        return None
    found = stanzas(output)
    if len(found) != 1:
        raise Unparsable(f"{len(found)} objects where one is expected")
    return found[0]


NIM_OBJECT = Fact(
    name="nim_object", host=HostKind.NIM_MASTER, build=_build, parse=_parse, params=("nim_name",)
)
