"""`lswpar -L`: each workload partition at length; what is general of it is read."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, snake

_RULER = re.compile(r"={60,}")
_HEAD = re.compile(r"(\S+) - (Active|Defined|Broken|Loaded|Moving|Paused|Transitional|Frozen|Error)")
_SECTION = re.compile(r"[A-Z][A-Z -]+")
_LABEL = re.compile(r"([A-Z][\w /-]*):(?:\s+(.*))?")
_NEEDED = ("type", "hostname", "directory", "uuid")


def parse(output: Output) -> list[Row]:
    """Name, state and the labels of section GENERAL in small letters; none prints nothing."""
    wpars: list[Row] = []
    section, ruled = "", False
    for line in filled(answer(output, "lswpar -L")):
        if _RULER.fullmatch(line):
            section, ruled = "", True
        elif ruled and (head := _HEAD.fullmatch(line)):
            wpars.append({"name": head[1], "state": head[2]})
            ruled = False
        elif wpars and _SECTION.fullmatch(line):
            section = line
        elif section == "GENERAL" and (label := _LABEL.fullmatch(line)):
            wpars[-1][snake(label[1])] = label[2] or ""
        elif not section or section == "GENERAL":
            raise Unparsable("not what lswpar says of a workload partition", line)
    for wpar in wpars:
        if missing := [name for name in _NEEDED if name not in wpar]:
            raise Unparsable(f"there is no {missing[0]}", f"{wpar['name']} - {wpar['state']}")
    return wpars


WPARS_LONG = plain("wpars_long", HostKind.LPAR, "lswpar -L", parse=parse)
