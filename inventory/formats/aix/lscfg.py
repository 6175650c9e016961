"""`lscfg -vpl DEVICE`: a device's vital product data."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row

_DEVICE = re.compile(r"  (\w+)\s+(U\S+|\d\d-\S+)(?:\s+(\S.*))?")
_FIELD = re.compile(r"\s{4,}(\S.*?)(?:\.{2,}|\.(?=\s|\S))\s*(.*)")
_PLATFORM = "PLATFORM SPECIFIC"


def parse(output: Output) -> list[Row]:
    """Each device with location, description and the fields of its data, before what is platform specific."""
    devices: list[Row] = []
    for line in filled(answer(output, "lscfg")):
        if line.strip() == _PLATFORM:
            break
        text = line.expandtabs()
        if device := _DEVICE.fullmatch(text):
            devices.append(
                {"name": device[1], "location": device[2], "description": device[3] or "", "fields": {}}
            )
        elif devices and (field := _FIELD.fullmatch(text)) and ".." in text:
            devices[-1]["fields"].setdefault(field[1], field[2])
        elif devices and text.startswith(" ") and not devices[-1]["fields"]:
            devices[-1]["description"] = devices[-1]["description"] or text.strip().rstrip(":")
        else:
            raise Unparsable("not a line of lscfg", line)
    if not devices:
        raise Unparsable("lscfg printed no device")
    return devices


LSCFG = plain(
    "lscfg",
    HostKind.LPAR,
    *("lscfg -vpl <device>", "lscfg -vl <device>", "lscfg -l <device>", "lscfg -vpsl <device>"),
    parse=parse,
)
