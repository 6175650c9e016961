"""`lsdev -Cc cdrom`: the optical devices that AIX has configured."""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind
from inventory.facts.devices import parse_devices


def _build() -> Command:
    return aix("lsdev", "-Cc", "cdrom")


CDROMS = Fact(name="cdroms", host=HostKind.LPAR, build=_build, parse=parse_devices)
