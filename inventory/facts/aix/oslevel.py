"""`oslevel -s`: the level at which every fileset of the LPAR stands."""

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.level import Level
from inventory.facts.text import answer, only_line


def parse(output: Output) -> Level:
    """The level with service pack and week."""
    line = only_line(answer(output, "oslevel -s", closed=r"(?:[0-9]{2}-?){4}-[0-9]{4}\s*"), "level")
    try:
        level = Level.parse(line)
    except ValueError as error:
        raise Unparsable("not a level", line) from error
    if not level.is_complete:
        raise Unparsable("a level without service pack", line)
    return level


OSLEVEL = Fact("oslevel", HostKind.LPAR, lambda: aix("oslevel", "-s"), parse)
