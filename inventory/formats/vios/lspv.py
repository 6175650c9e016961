"""`lspv` as padmin: the physical volumes of a VIOS, under a heading."""

from inventory.facts.base import HostKind, Output
from inventory.formats.base import plain
from inventory.formats.tables import Row, table

_ROW = (
    r"(?P<name>\S+)\s+(?P<pvid>none|[0-9a-f]{16})\s+(?P<volume_group>\S+)(?:\s+(?P<state>active|concurrent))?"
)
_SIZE_ROW = r"(?P<name>\S+)\s+(?P<pvid>none|[0-9a-f]{16})\s+(?P<size_mb>[0-9]+)"


def parse(output: Output) -> list[Row]:
    """The disks; no PVID, group or state is None."""
    rows = table(output, "lspv", r"NAME\s+PVID\s+VG\s+STATUS", _ROW)
    return [
        {name: None if value in ("none", "None") else value for name, value in row.items()} for row in rows
    ]


def parse_size(output: Output) -> list[Row]:
    """The disks with their size in MB."""
    rows = table(
        output, "lspv -size", r"NAME\s+PVID\s+SIZE\(megabytes\)", _SIZE_ROW, numbers=("size_mb",), empty=True
    )
    return [row | {"pvid": None if row["pvid"] == "none" else row["pvid"]} for row in rows]


VIOS_LSPV = plain("vios_lspv", HostKind.VIOS, "lspv", parse=parse)
VIOS_LSPV_SIZE = plain("vios_lspv_size", HostKind.VIOS, "lspv -size", "lspv -free", parse=parse_size)
