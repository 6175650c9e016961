"""`instfix -i`: whether all filesets of each fix, level or service pack were found."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, read_row

_ALL = re.compile(r"All filesets for (\S+) were found\.")
_SOME = re.compile(r"Not all filesets for (\S+) were found\.")
_COLUMNS = (
    r"(?P<fix>[^:\s]+):(?P<fileset>[^:\s]+):(?P<required>[^:]+):(?P<installed>[^:]*):(?P<status>[-+=]):"
    r"(?P<abstract>.*)"
)
_HEADER = "#Keyword:Fileset:ReqLevel:InstLevel:Status:Abstract"


def parse(output: Output) -> dict[str, bool]:
    """Each name (`IV12345`, `7200-05_AIX_ML`, `72-05-042220_SP`), and whether all was found."""
    found: dict[str, bool] = {}
    for line in filled(
        answer(output, "instfix -i", closed=r"\s*(?:All|Not all) filesets for \S+ were found\.")
    ):
        if match := _ALL.fullmatch(line.strip()):
            found[match[1]] = True
        elif match := _SOME.fullmatch(line.strip()):
            found[match[1]] = False
        else:
            raise Unparsable("not what instfix says of a fix", line)
    if not found:
        raise Unparsable("instfix named no fix")
    return found


def parse_columns(output: Output) -> list[Row]:
    """The filesets of a fix with the level that it requires and the one installed.

    `status` is `-` (older), `=` or `+` (newer than required).
    """
    lines = filled(answer(output, "instfix -c"))
    return [read_row(line, _COLUMNS, "instfix -c") for line in lines if line != _HEADER]


INSTFIX = plain("instfix", HostKind.LPAR, "instfix -i", "instfix -ik <fix>", parse=parse)
INSTFIX_COLUMNS = plain(
    "instfix_columns", HostKind.LPAR, "instfix -ciqk <fix>", "instfix -cik <fix>", parse=parse_columns
)
