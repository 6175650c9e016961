"""`lsps -s`: how much paging space there is and how full it is."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_TITLE = re.compile(r"Total Paging Space\s+Percent Used")
_ROW = re.compile(r"([0-9]{1,12})MB(?:\s+([0-9]{1,3})%)?")


@dataclass(frozen=True, slots=True)
class PagingSpace:
    """Total paging space in MB and its use in percent (None where AIX leaves it out)."""

    total_mb: int
    used_percent: int | None


def _build() -> Command:
    return aix("lsps", "-s")


def _parse(output: Output) -> PagingSpace:
    lines = filled(answer(output, "lsps", closed=r".*[0-9]%\s*"))
    if len(lines) != 2 or not _TITLE.fullmatch(lines[0].strip()):
        raise Unparsable("lsps -s prints a heading and one row", lines[0] if lines else "")
    row = _ROW.fullmatch(lines[1].strip())
    if row is None:
        raise Unparsable("not the row of lsps -s", lines[1])
    return PagingSpace(int(row[1]), int(row[2]) if row[2] else None)


PAGING = Fact(name="paging", host=HostKind.LPAR, build=_build, parse=_parse)
