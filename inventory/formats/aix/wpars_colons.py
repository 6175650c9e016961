"""`lswpar -c`: the workload partitions between colons, under a header."""

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row


def parse(output: Output) -> list[Row]:
    """One record per workload partition under the names of the header; none prints nothing."""
    lines = filled(answer(output, "lswpar -c"))
    if not lines:
        return []
    names = lines[0].removeprefix("#").split(":")
    if not lines[0].startswith("#") or "name" not in names:
        raise Unparsable("not the header of lswpar -c", lines[0])
    return [_row(line, names) for line in lines[1:]]


def _row(line: str, names: list[str]) -> Row:
    values = line.split(":")
    if len(values) != len(names):
        raise Unparsable("not a value for each name", line)
    return dict(zip(names, values, strict=True))


WPARS_COLONS = plain("wpars_colons", HostKind.LPAR, "lswpar -c", "lswpar -c -a <columns>", parse=parse)
