"""The rows of `lsdev -C`: devices with state, location and description."""

import re
from dataclasses import dataclass

from inventory.facts.base import Output, Unparsable
from inventory.facts.text import answer, filled, first_line

_ROW = re.compile(
    r"(?P<name>\S+)\s+(?P<state>Available|Defined|Stopped|Diagnose)"
    r"(?:\s+(?P<location>[0-9A-Z]{1,4}(?:-[0-9A-Z,]+)+))?(?:\s+(?P<description>\S.*))?"
)


@dataclass(frozen=True, slots=True)
class Device:
    """A device of the customized database; `Available` means configured and usable."""

    name: str
    state: str
    location: str
    description: str


def parse_devices(output: Output) -> tuple[Device, ...]:
    """The devices of `lsdev -Cc CLASS`; a class without devices prints nothing at all.

    Raises Unparsable for anything but lsdev's rows.
    """
    rows = filled(answer(output, "lsdev"))
    if not rows and (said := first_line(output.stderr)):
        raise Unparsable("lsdev printed no device, and said something", said)
    return tuple(_device(row) for row in rows)


def parse_some_devices(output: Output) -> tuple[Device, ...]:
    """The devices of a class that no LPAR is without. Raises Unparsable when there is none."""
    devices = parse_devices(output)
    if not devices:
        raise Unparsable("lsdev printed no device of a class that every LPAR has")
    return devices


def _device(line: str) -> Device:
    row = _ROW.fullmatch(line.strip())
    if row is None:
        raise Unparsable("not a row of lsdev", line)
    return Device(row["name"], row["state"], row["location"] or "", row["description"] or "")
