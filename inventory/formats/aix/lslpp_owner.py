"""`lslpp -w FILE`: the fileset that a file belongs to."""

from inventory.facts.base import HostKind, Output
from inventory.formats.base import plain
from inventory.formats.tables import Row, table

_ROW = r"(?P<file>/\S*)\s+(?P<fileset>\S+)\s+(?P<type>File|Directory|Symlink|Hardlink)"


def parse(output: Output) -> list[Row]:
    """The file with its fileset, once for each fileset that owns it."""
    return table(output, "lslpp -w", r"File\s+Fileset\s+Type", _ROW)


LSLPP_OWNER = plain("lslpp_owner", HostKind.LPAR, "lslpp -w <file>", parse=parse)
