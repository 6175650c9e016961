"""`lsdev`: all devices that AIX has in its customized database."""

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.devices import Device, parse_devices


def parse(output: Output) -> tuple[Device, ...]:
    """The devices; an LPAR always has some."""
    devices = parse_devices(output)
    if not devices:
        raise Unparsable("no device in the output")
    return devices


ALL_DEVICES = Fact("all_devices", HostKind.LPAR, lambda: aix("lsdev"), parse, also=("lsdev -C",))
