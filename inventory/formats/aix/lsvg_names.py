"""`lsvg`: the names of the volume groups; with `-o` of those that are varied on."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,15}")


def parse(output: Output) -> list[str]:
    """The names, one a line."""
    names = [line.strip() for line in filled(answer(output, "lsvg", closed="rootvg"))]
    for name in names:
        if not _NAME.fullmatch(name):
            raise Unparsable("not the name of a volume group", name)
    if not names:
        raise Unparsable("lsvg printed no volume group")
    return names


LSVG_NAMES = plain("lsvg_names", HostKind.LPAR, "lsvg", "lsvg -o", parse=parse)
