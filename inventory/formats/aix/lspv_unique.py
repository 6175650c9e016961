"""`lspv -u`: the disks with their unique identifiers."""

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, read_row

_ROW = (
    r"(?P<name>\S+)\s+(?P<pvid>none|[0-9a-f]{16})\s+(?P<volume_group>\S+)"
    r"(?:\s+(?P<state>active|concurrent|locked))?"
    r"(?:\s+(?P<unique_id>\S+))?(?:\s+(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))?"
)


def parse(output: Output) -> list[Row]:
    """One record per disk; what lspv does not print is None."""
    lines = filled(answer(output, "lspv -u"))
    if not lines:
        raise Unparsable("lspv -u printed no disk")
    return [_disk(line) for line in lines]


def _disk(line: str) -> Row:
    disk = read_row(line, _ROW, "lspv -u")
    return {name: None if value in ("none", "None") else value for name, value in disk.items()}


LSPV_UNIQUE = plain("lspv_unique", HostKind.LPAR, "lspv -u", parse=parse)
