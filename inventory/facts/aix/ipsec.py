"""`lsdev -Cc ipsec`: the IP security devices."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line

_DEVICE = re.compile(r"\s*(ipsec_v[46])\s+(Available|Defined|Stopped)(?:\s+(\S.*))?")


@dataclass(frozen=True, slots=True)
class IpsecDevice:
    """One IP security device, `ipsec_v4` or `ipsec_v6`, and its state in the device database."""

    name: str
    state: str


def parse(output: Output) -> tuple[IpsecDevice, ...]:
    """The devices; none when IP security is not set up."""
    devices = []
    for line in filled(answer(output, "lsdev -Cc ipsec")):
        match = _DEVICE.fullmatch(line)
        if match is None:
            raise Unparsable("not an IP security device", line)
        devices.append(IpsecDevice(match[1], match[2]))
    if not devices and first_line(output.stderr):
        raise Unparsable("no device list", first_line(output.stderr))
    return tuple(devices)


IPSEC = Fact("ipsec", HostKind.LPAR, lambda: aix("lsdev", "-Cc", "ipsec"), parse)
