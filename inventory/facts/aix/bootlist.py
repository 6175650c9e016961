"""`bootlist -m normal -o`: the devices that the LPAR boots from, in order."""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_ROW = re.compile(r"(?P<name>[a-z]\w*\d|-)(?:\s+\w+=\S*)*", re.ASCII)


def _build() -> Command:
    return aix("bootlist", "-m", "normal", "-o")


def _parse(output: Output) -> tuple[str, ...]:
    """The devices once each (bootlist prints a line per path); `-` is one that AIX no longer knows."""
    devices: dict[str, None] = {}
    for line in filled(answer(output, "bootlist", closed=r"\w+\s+\w+=.*")):
        row = _ROW.fullmatch(line.strip())
        if row is None:
            raise Unparsable("not a row of bootlist (device, blv=…, pathid=…)", line)
        devices[row["name"]] = None
    if not devices:
        raise Unparsable("bootlist printed no device")
    return tuple(devices)


BOOTLIST = Fact(name="bootlist", host=HostKind.LPAR, build=_build, parse=_parse)
