"""`lsdev` as padmin: the devices of a VIOS, under a heading."""

from inventory.facts.base import HostKind, Output
from inventory.formats.base import plain
from inventory.formats.tables import Row, table

_ROW = r"(?P<name>\S+)\s+(?P<state>Available|Defined|Stopped)(?:\s+(?P<description>\S.*))?"


def parse(output: Output) -> list[Row]:
    """Name, state and description of each device."""
    return table(output, "lsdev", r"name\s+status\s+description", _ROW)


VIOS_LSDEV = plain("vios_lsdev", HostKind.VIOS, "lsdev", "lsdev -virtual", "lsdev -type <type>", parse=parse)
