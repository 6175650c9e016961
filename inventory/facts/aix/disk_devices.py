"""`lsdev -Cc disk`: the disks that AIX has configured, and how each is attached."""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind
from inventory.facts.devices import parse_some_devices


def _build() -> Command:
    return aix("lsdev", "-Cc", "disk")


DISK_DEVICES = Fact(name="disk_devices", host=HostKind.LPAR, build=_build, parse=parse_some_devices)
