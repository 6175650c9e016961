"""`lsattr -El DEVICE`: the attributes of a device, as a table or (`-O`) between colons."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row

_ROW = re.compile(r"(\w+)\s.*\s([Tt]rue\+?|[Ff]alse\+?)")


def parse(output: Output) -> dict[str, Row]:
    """Value, description and whether a user may set it, of each attribute.

    Values may be blank and hold blanks, so they are told from descriptions by the columns in which all
    rows begin. Raises Unparsable where the rows have no such columns.
    """
    lines = filled(answer(output, "lsattr", closed=r".*\s(?:True|False)\s*"))
    if not lines:
        raise Unparsable("lsattr printed no attribute")
    matches = [_ROW.fullmatch(line) for line in lines]
    for line, match in zip(lines, matches, strict=True):
        if match is None:
            raise Unparsable("not an attribute", line)
    rows = [(line, match) for line, match in zip(lines, matches, strict=True) if match]
    value = min(len(line) - len(line[match.end(1) :].lstrip()) for line, match in rows)
    description = _common_column(lines, value + 1)
    return {
        match[1]: {
            "value": line[value:description].strip(),
            "description": line[description : match.start(2)].strip(),
            "settable": match[2][0] in "Tt",
        }
        for line, match in rows
    }


def _common_column(lines: list[str], start: int) -> int:
    """The first column from `start` on in which every line begins a word."""
    for column in range(start, min(map(len, lines))):
        if all(line[column - 1] == " " and line[column] != " " for line in lines):
            return column
    raise Unparsable("values and descriptions do not stand in columns", lines[0])


def parse_colons(output: Output) -> Row:
    """The values under their names."""
    lines = filled(answer(output, "lsattr -O"))
    if len(lines) != 2 or not lines[0].startswith("#"):
        raise Unparsable("lsattr -O prints the names behind # and then the values", lines[0] if lines else "")
    names, values = lines[0][1:].split(":"), lines[1].split(":")
    if len(names) != len(values):
        raise Unparsable("not a value for each name", lines[1])
    return dict(zip(names, values, strict=True))


LSATTR = plain(
    "lsattr", HostKind.LPAR, "lsattr -El <device>", "lsattr -El <device> -a <attribute>", parse=parse
)
LSATTR_COLONS = plain(
    "lsattr_colons",
    HostKind.LPAR,
    *("lsattr -EOl <device>", "lsattr -EOl <device> -a <attribute>"),
    parse=parse_colons,
)
