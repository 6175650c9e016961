"""`lsmap -all`: the virtual SCSI adapters of a VIOS and the devices behind them."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, snake

_TITLE = re.compile(r"SVSA\s+Physloc\s+Client Partition ID")
_ADAPTER = re.compile(r"(?P<adapter>vhost[0-9]+)\s+(?P<location>U\S+)\s+(?P<client>0x[0-9a-fA-F]{8})")
_FIELD = re.compile(r"(Status|LUN|Backing device|Physloc|Mirrored|Tape|Type)(?:\s+(.*))?")
_DEVICE = re.compile(r"VTD\s+(\S.*)")
_NO_DEVICE = "NO VIRTUAL TARGET DEVICE FOUND"


def parse(output: Output) -> list[Row]:
    """Each adapter with its location, the client's partition id (0: any) and its target devices."""
    adapters: list[Row] = []
    state = ""
    for line in (each.strip() for each in filled(answer(output, "lsmap"))):
        if _TITLE.fullmatch(line):
            state = "title"
        elif state == "title" and not line.strip("- \u2013\u2014"):
            state = "ruler"
        elif state == "ruler" and (adapter := _ADAPTER.fullmatch(line)):
            adapters.append(
                {
                    "adapter": adapter[1],
                    "location": adapter[2],
                    "client_id": int(adapter[3], 16),
                    "devices": [],
                }
            )
            state = "adapter"
        elif state == "adapter" and _target(line, adapters[-1]["devices"]):
            continue
        else:
            raise Unparsable("not a line of lsmap", line)
    for device in (device for each in adapters for device in each["devices"]):
        if "backing_device" not in device:
            raise Unparsable("a target device without backing device", device["device"])
    return adapters


def _target(line: str, devices: list[Row]) -> bool:
    """Whether the line is one of a target device; it is added then."""
    if line == _NO_DEVICE:
        return True
    if device := _DEVICE.fullmatch(line):
        if device[1] != _NO_DEVICE:
            devices.append({"device": device[1]})
        return True
    field = _FIELD.fullmatch(line)
    if field is None or not devices or snake(field[1]) in devices[-1]:
        return False
    devices[-1][snake(field[1])] = (field[2] or "").strip()
    return True


LSMAP = plain("lsmap", HostKind.VIOS, "lsmap -all", "lsmap -vadapter <adapter>", parse=parse)
