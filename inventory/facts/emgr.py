"""What the tables of `emgr` have in common."""

import re

from inventory.facts.base import Output, Unparsable
from inventory.facts.text import answer, filled, first_line, printed

NO_IFIXES = "There is no efix data on this system."

_CLOSED = rf"{re.escape(NO_IFIXES)}\s*|\s*[A-Z]{{1,2}} = .*"
_RULER = re.compile(r"=+(?:\s+=+)+")


def table_rows(output: Output, command: str, title: re.Pattern[str]) -> list[str]:
    """The lines under title and ruler; none when `emgr` says that there are no interim fixes.

    It says so on either stream, with status 0 or 1. Column widths differ between systems, so the
    ruler is only looked for, never measured.
    """
    lines = filled(answer(output, command, statuses=(0, 1), closed=_CLOSED))
    if NO_IFIXES in (*lines, *printed(output.stderr)):
        extra = [line for line in lines if line != NO_IFIXES]
        if extra:
            raise Unparsable("rows and the sentence that there are no interim fixes", extra[0])
        return []
    head, body = lines[:2], lines[2:]
    if output.status != 0 or not head or title.fullmatch(head[0].strip()) is None:
        raise Unparsable("not a table of interim fixes", head[0] if head else first_line(output.stderr))
    if len(head) < 2 or _RULER.fullmatch(head[1].strip()) is None:
        raise Unparsable("no ruler under the titles", head[-1])
    return body
