"""`sysdumpdev -l` and `-L`: where system dumps go, and the last one."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, snake

_DEVICE = re.compile(
    r"((?:primary|secondary|copy directory|forced copy flag|always allow dump|dump compression|"
    r"type of dump|full memory dump|enable dual dump))\s+(\S.*)"
)
_NEEDED = ("primary", "secondary", "copy_directory")
_LAST = re.compile(r"([A-Z][A-Za-z ]*?):\s+(.*)")
_NONE = re.compile(r"0453-019 No previous dumps recorded\.?")


def parse_devices(output: Output) -> Row:
    """The dump devices and settings under their names."""
    values: Row = {}
    lines = filled(answer(output, "sysdumpdev -l"))
    for line in lines:
        match = _DEVICE.fullmatch(line.strip())
        if match is None:
            raise Unparsable("not a line of sysdumpdev -l", line)
        values[snake(match[1])] = match[2]
    for name in _NEEDED:
        if name not in values:
            raise Unparsable(f"there is no {name.replace('_', ' ')}", lines[-1] if lines else "")
    return values


def parse_last(output: Output) -> Row | None:
    """What is recorded of the last dump, or None when there was none."""
    lines = filled([*answer(output, "sysdumpdev -L", statuses=(0, 1)), *output.stderr.splitlines()])
    if any(_NONE.fullmatch(line.strip()) for line in lines):
        return None
    values: Row = {}
    for line in lines:
        match = _LAST.fullmatch(line.strip())
        if match:
            values[snake(match[1])] = match[2]
        elif not values and not re.fullmatch(r"0453-\d{3}.*", line.strip()):
            raise Unparsable("not a line of sysdumpdev -L", line)
    if "device_name" not in values or "dump_status" not in values:
        raise Unparsable("no device and status of a dump", lines[-1] if lines else "")
    return values


SYSDUMP_DEVICES = plain("sysdump_devices", HostKind.LPAR, "sysdumpdev -l", "sysdumpdev", parse=parse_devices)
SYSDUMP_LAST = plain("sysdump_last", HostKind.LPAR, "sysdumpdev -L", parse=parse_last)
