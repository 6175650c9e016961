"""`lspath`: the paths of multipath devices."""

from inventory.facts.base import HostKind, Output
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, read_row

_ROW = (
    r"(?P<status>Enabled|Disabled|Failed|Missing|Defined|Available|Detected)\s+"
    r"(?P<device>\S+)\s+(?P<parent>\S+)"
)


def parse(output: Output) -> list[Row]:
    """One record per path; a host without multipath devices prints nothing."""
    return [read_row(line, _ROW, "lspath") for line in filled(answer(output, "lspath"))]


LSPATH = plain("lspath", HostKind.LPAR, "lspath", "lspath -l <disk>", parse=parse)
