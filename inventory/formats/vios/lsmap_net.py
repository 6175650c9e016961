"""`lsmap -all -net`: the virtual Ethernet adapters of a VIOS and the shared ones behind them."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, snake

_TITLE = re.compile(r"SVEA\s+Physloc")
_ADAPTER = re.compile(r"(ent[0-9]+)\s+(U\S+)")
_FIELD = re.compile(r"(SEA|Backing device|Status|Physloc)(?:\s+(.*))?")
_NONE = "NO SHARED ETHERNET ADAPTER FOUND"


def parse(output: Output) -> list[Row]:
    """Each virtual adapter with its location and what lies behind it; `sea` None: nothing does."""
    adapters: list[Row] = []
    previous = ""
    for line in (each.strip() for each in filled(answer(output, "lsmap -net"))):
        if previous == "title" and not line.strip("- "):
            previous = "ruler"
        elif _TITLE.fullmatch(line):
            previous = "title"
        elif previous == "ruler" and (adapter := _ADAPTER.fullmatch(line)):
            adapters.append({"adapter": adapter[1], "location": adapter[2]})
            previous = "adapter"
        elif previous == "adapter" and (field := _FIELD.fullmatch(line)):
            name = "backing_location" if field[1] == "Physloc" else snake(field[1])
            adapters[-1][name] = None if field[2] == _NONE else (field[2] or "").strip()
        else:
            raise Unparsable("not a line of lsmap -net", line)
    return adapters


LSMAP_NET = plain("lsmap_net", HostKind.VIOS, "lsmap -all -net", parse=parse)
