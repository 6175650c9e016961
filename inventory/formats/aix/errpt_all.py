"""`errpt`: the summary of the whole error log."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, read_row

_TITLE = re.compile(r"IDENTIFIER\s+TIMESTAMP\s+T\s+C\s+RESOURCE_NAME\s+DESCRIPTION")
_ROW = (
    r"(?P<identifier>[0-9A-F]{8})\s+(?P<timestamp>[0-9]{10})\s+(?P<type>[A-Z])\s+(?P<class>[A-Z])\s+"
    r"(?P<resource>\S+)(?:\s+(?P<description>\S.*))?"
)


def parse(output: Output) -> list[Row]:
    """The entries, newest first; `timestamp` is local, MMDDhhmmYY. An empty log prints nothing."""
    lines = filled(answer(output, "errpt"))
    if lines and _TITLE.fullmatch(lines[0].strip()):
        del lines[0]
        if not lines:
            raise Unparsable("errpt prints its heading only above entries", output.stdout)
    return [read_row(line, _ROW, "errpt") for line in lines]


ERRPT_ALL = plain(
    "errpt_all",
    HostKind.LPAR,
    *(
        "errpt",
        "errpt -s <from>",
        "errpt -T <type>",
        "errpt -T <type> -s <from>",
        "errpt -j <identifier>",
        "errpt -N <resource>",
    ),
    *("errpt -d <class>", "errpt -A"),
    parse=parse,
)
