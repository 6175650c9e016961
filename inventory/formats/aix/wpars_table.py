"""`lswpar`: the workload partitions as a table."""

from inventory.facts.base import HostKind, Output
from inventory.formats.base import plain
from inventory.formats.tables import Row, table

_TITLE = r"Name\s+State\s+Type\s+Hostname\s+Directory(?:\s+RootVG WPAR)?"
_ROW = (
    r"(?P<name>\S+)\s+(?P<state>[A-Z])\s+(?P<type>[A-Z])\s+(?P<host_name>\S+)\s+(?P<directory>/\S*)"
    r"(?:\s+(?P<rootvg>yes|no))?"
)


def parse(output: Output) -> list[Row]:
    """One record per workload partition; `state` is `A` active, `D` defined, …; none prints nothing."""
    return table(output, "lswpar", _TITLE, _ROW, closed=r".*\s(?:yes|no)\s*", empty=True)


WPARS_TABLE = plain("wpars_table", HostKind.LPAR, "lswpar", parse=parse)
