"""`vmo -o lgpg_regions`: how many large pages AIX keeps pinned."""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line


def _build() -> Command:
    return aix("vmo", "-o", "lgpg_regions")


def _parse(output: Output) -> int:
    """The number of large pages, 0 as AIX is delivered."""
    line = only_line(answer(output, "vmo"), "tunable")
    match = re.fullmatch(r"\s*lgpg_regions = ([0-9]{1,12})", line)
    if match is None:
        raise Unparsable("not the value of lgpg_regions", line)
    return int(match[1])


LARGE_PAGES = Fact(name="large_pages", host=HostKind.LPAR, build=_build, parse=_parse)
