"""`lsmpio`: the paths of each multipath disk."""

from inventory.facts.base import HostKind, Output
from inventory.formats.base import plain
from inventory.formats.tables import Row, table

_TITLE = r"name\s+path_id\s+status\s+path_status\s+parent\s+connection"
_ROW = (
    r"(?P<disk>\S+)\s+(?P<path_id>[0-9]+)\s+(?P<status>Enabled|Disabled|Failed|Missing|Defined|Available)\s+"
    r"(?:(?P<path_status>[A-Z][a-z]{2}(?:,[A-Z][a-z]{2})*)\s+)?(?P<parent>[a-z]+[0-9]+)\s+(?P<connection>\S+)"
)


def parse(output: Output) -> list[Row]:
    """One record per path; a `path_status` that is not printed is None."""
    closed = r".*\s[0-9a-f]{16},[0-9a-f]{16}\s*"
    return table(output, "lsmpio", _TITLE, _ROW, numbers=("path_id",), closed=closed, empty=True)


LSMPIO_PATHS = plain("lsmpio_paths", HostKind.LPAR, "lsmpio", "lsmpio -l <disk>", parse=parse)
