"""`lscfg -vpl DEVICE`: a device's vital product data."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row

_DEVICE = re.compile(r"  ? ?([a-z]\w*)(?:\s+(U\S+-\S+|[0-9A-F]{2}-\S+))?(?:\s+(\S.*))?")
_LABEL_WIDTH = 28
_MORE_DOTS = re.compile(r"\.{2,}[^.]")
_PLATFORM = "PLATFORM SPECIFIC"


def parse(output: Output) -> list[Row]:
    """Each device with location, description and the fields of its data, before what is platform specific.

    Labels are filled up with dots to a width of 28; a label that is there twice counts once.
    """
    devices: list[Row] = []
    for line in (each.expandtabs() for each in filled(answer(output, "lscfg"))):
        if line.strip() == _PLATFORM:
            break
        if device := _DEVICE.fullmatch(line):
            devices.append(
                {"name": device[1], "location": device[2] or "", "description": device[3] or "", "fields": {}}
            )
        elif not devices or not line.startswith("    "):
            raise Unparsable("not a line of lscfg", line)
        else:
            _describe(devices[-1], line)
    if not devices:
        raise Unparsable("lscfg printed no device")
    return devices


def _describe(device: Row, line: str) -> None:
    text = line.strip()
    label, value = text[:_LABEL_WIDTH], text[_LABEL_WIDTH:]
    if _MORE_DOTS.match(value):
        raise Unparsable("a label that is wider than lscfg prints it", line)
    if len(label) == _LABEL_WIDTH and label.endswith("."):
        device["fields"].setdefault(label.rstrip("."), value.strip())
    elif not device["fields"]:
        device["description"] = device["description"] or text.rstrip(": ")


LSCFG = plain(
    "lscfg",
    HostKind.LPAR,
    *("lscfg -vpl <device>", "lscfg -vl <device>", "lscfg -l <device>", "lscfg -vpsl <device>"),
    parse=parse,
)
