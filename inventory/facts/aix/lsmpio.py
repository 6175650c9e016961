"""`lsmpio -q`: the size and the storage system's name of each multipath disk."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_TITLE = re.compile(r"Device\s+Vendor Id\s+Product Id\s+Size\s+Volume Name")
_ROW = re.compile(
    r"(?P<name>\S+)\s+(?P<product>\S.*?)\s+(?P<size>[0-9]{1,9}(?:\.[0-9]{1,4})?)(?P<unit>[MGT]iB)"
    r"(?:\s+(?P<volume>\S.*))?"
)
_MB = {"MiB": 1, "GiB": 1024, "TiB": 1024 * 1024}


@dataclass(frozen=True, slots=True)
class MpioDisk:
    """A multipath disk: vendor and product, size in MB, the name of its volume (may be empty)."""

    name: str
    product: str
    size_mb: int
    volume: str

    @property
    def rounding_mb(self) -> int:
        """How far the size may be off: it is printed with two decimals of MiB, GiB or TiB."""
        unit = max((mb for mb in _MB.values() if mb <= self.size_mb), default=1)
        return math.ceil(unit / 100)


def _build() -> Command:
    return aix("lsmpio", "-q")


def _parse(output: Output) -> tuple[MpioDisk, ...]:
    """The disks; virtual SCSI disks do not appear, so there may be none."""
    lines = filled(answer(output, "lsmpio"))
    if not lines:
        return ()
    if len(lines) < 2 or not _TITLE.fullmatch(lines[0].strip()) or lines[1].strip("- "):
        raise Unparsable("lsmpio -q did not print its heading", lines[0])
    return tuple(_disk(line) for line in lines[2:])


def _disk(line: str) -> MpioDisk:
    row = _ROW.fullmatch(line.strip())
    if row is None:
        raise Unparsable("not a row of lsmpio -q", line)
    size = int(Decimal(row["size"]) * _MB[row["unit"]])
    return MpioDisk(row["name"], " ".join(row["product"].split()), size, row["volume"] or "")


LSMPIO = Fact(name="lsmpio", host=HostKind.LPAR, build=_build, parse=_parse)
