"""`lsps -a`: each paging space."""

from inventory.facts.base import HostKind, Output
from inventory.formats.base import plain
from inventory.formats.tables import Row, table

_TITLE = r"Page Space\s+Physical ?Volume\s+Volume Group\s+Size\s+%Used\s+Active\s+Auto\s+Type(?:\s+Chksum)?"
_ROW = (
    r"(?P<name>\S+)\s+(?P<disk>\S+)\s+(?P<volume_group>\S+)\s+(?P<size_mb>[0-9]+)(?P<unit>[MGT])B\s+"
    r"(?P<used_percent>[0-9]+)\s+(?P<active>yes|no)\s+(?P<auto>yes|no)\s+(?P<type>lv|nfs)"
    r"(?:\s+(?P<checksum_bits>[0-9]+))?"
)

_MB = {"M": 1, "G": 1024, "T": 1024 * 1024}


def parse(output: Output) -> list[Row]:
    """The paging spaces; `checksum_bits` is None on levels that do not print it."""
    numbers = ("size_mb", "used_percent", "checksum_bits")
    checksum = r"\s+(?:0|8|16|32)" if "Chksum" in output.stdout else ""
    closed = rf".*\s(?:yes|no)\s+(?:lv|nfs){checksum}\s*"
    rows = table(output, "lsps -a", _TITLE, _ROW, numbers=numbers, closed=closed)
    for row in rows:
        row["size_mb"] *= _MB[row.pop("unit")]
        row |= {"active": row["active"] == "yes", "auto": row["auto"] == "yes"}
    return rows


PAGING_SPACES = plain("paging_spaces", HostKind.LPAR, "lsps -a", parse=parse)
