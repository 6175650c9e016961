"""`lsdev -Cc adapter`: the I/O adapters of the LPAR, virtual ones and others."""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind
from inventory.facts.devices import parse_some_devices


def _build() -> Command:
    return aix("lsdev", "-Cc", "adapter")


ADAPTERS = Fact(name="adapters", host=HostKind.LPAR, build=_build, parse=parse_some_devices)
