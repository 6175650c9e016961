"""`skctl -v now`: how many storage keys programs may use since the last start."""

import re

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, number

_ATTRIBUTE = re.compile(r"\s*(\S[^=]*?)\s*=\s*(\S+)")
_USER_KEYS = re.compile(r"number of user keys(?: enabled)?", re.IGNORECASE)


def parse(output: Output) -> int:
    """The number of user keys, 0 when they are off."""
    lines = filled(answer(output, "skctl -v now"))
    attributes = [match for line in lines if (match := _ATTRIBUTE.fullmatch(line))]
    found = [match for match in attributes if _USER_KEYS.fullmatch(match[1])]
    if len(found) != 1:
        raise Unparsable("the number of user keys is not given", lines[0] if lines else "")
    value = found[0][2]
    if value.lower() in ("off", "disabled"):
        return 0
    return number(value, "the number of user keys", found[0][0])


STORAGE_KEYS = Fact("storage_keys", HostKind.LPAR, lambda: aix("skctl", "-v", "now"), parse)
