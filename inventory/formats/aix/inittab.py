"""`lsitab -a` and /etc/inittab: what init starts."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row

_ENTRY = re.compile(r"(?P<id>[^:\s]{1,14}):(?P<run_levels>[0-9a-zA-Z]*):(?P<action>[a-z]*):(?P<command>.*)")
_ACTIONS = frozenset(
    ("respawn", "wait", "once", "boot", "bootwait", "powerfail", "powerwait", "off", "hold", "ondemand")
) | {"initdefault", "sysinit", ""}


def parse(output: Output) -> list[Row]:
    """The entries in order. A colon at the beginning makes a comment."""
    entries = []
    for line in filled(answer(output, "lsitab")):
        if line.startswith(":"):
            continue
        match = _ENTRY.fullmatch(line)
        if match is None or match["action"] not in _ACTIONS:
            raise Unparsable("not an entry of inittab", line)
        entries.append({name: value.strip() for name, value in match.groupdict().items()})
    if not entries:
        raise Unparsable("no entry of inittab")
    return entries


INITTAB = plain("inittab", HostKind.LPAR, "lsitab -a", "lsitab <id>", "cat /etc/inittab", parse=parse)
