"""`lsdev`: all devices that AIX has in its customized database."""

from inventory.command import aix
from inventory.facts.base import Fact, HostKind
from inventory.facts.devices import parse_some_devices

ALL_DEVICES = Fact("all_devices", HostKind.LPAR, lambda: aix("lsdev"), parse_some_devices, also=("lsdev -C",))
