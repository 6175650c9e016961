"""`lslv -m hd5`: where the physical partitions of the boot logical volume lie."""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

Copy = tuple[tuple[str, int], ...]
"""One copy of a logical volume: disk and number of each physical partition, in logical order."""

_HEAD = re.compile(r"[\w.-]+:\S+")
_TITLE = re.compile(r"LP\s+PP1\s+PV1(?:\s+PP2\s+PV2)?(?:\s+PP3\s+PV3)?")
_ROW = re.compile(r"([0-9]{4,9})((?:\s+[0-9]{4,9}\s+\S+){1,3})")
_PLACE = re.compile(r"([0-9]{4,9})\s+(\S+)")


def _build() -> Command:
    return aix("lslv", "-m", "hd5")


def _parse(output: Output) -> tuple[Copy, ...]:
    """The copies of the volume; each logical partition must be there once, in order, in every copy."""
    lines = filled(answer(output, "lslv -m"))
    if len(lines) < 3 or not _HEAD.fullmatch(lines[0].strip()) or not _TITLE.fullmatch(lines[1].strip()):
        raise Unparsable("lslv -m did not print its heading and a partition", lines[0] if lines else "")
    rows = [_places(line, number) for number, line in enumerate(lines[2:], start=1)]
    for line, row in zip(lines[2:], rows, strict=True):
        if len(row) != len(rows[0]):
            raise Unparsable("a logical partition has another number of copies", line)
    return tuple(zip(*rows, strict=True))


def _places(line: str, number: int) -> Copy:
    row = _ROW.fullmatch(line.strip())
    if row is None or int(row[1]) != number:
        raise Unparsable("not the next row of lslv -m", line)
    return tuple((place[2], int(place[1])) for place in _PLACE.finditer(row[2]))


BOOT_VOLUME = Fact(
    name="boot_volume", host=HostKind.LPAR, build=_build, parse=_parse, also=("lslv -m <volume>",)
)
