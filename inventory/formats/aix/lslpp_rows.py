"""`lslpp -Lqc`: the filesets asked for, without the header."""

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.filesets import HEADER, Fileset, fileset_of
from inventory.facts.text import answer, filled
from inventory.formats.base import plain


def parse(output: Output) -> tuple[Fileset, ...]:
    """The filesets in the order listed."""
    lines = [line for line in filled(answer(output, "lslpp -Lqc")) if line != HEADER]
    if not lines:
        raise Unparsable("lslpp printed no fileset")
    return tuple(map(fileset_of, lines))


LSLPP_ROWS = plain(
    "lslpp_rows",
    HostKind.LPAR,
    *("lslpp -Lqc", "lslpp -Lqc all", "lslpp -Lqc <fileset>", "lslpp -Lc <fileset>"),
    parse=parse,
)
