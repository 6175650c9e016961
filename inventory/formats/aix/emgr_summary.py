"""`emgr -e` and `emgr -r`: whether the operation on each interim fix succeeded.

The exit status alone does not tell; the summary and its last line do.
"""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, read_row

_TITLE = re.compile(r"E(?:PKG|FIX) NUMBER\s+LABEL\s+OPERATION\s+RESULT")
_ROW = (
    r"(?P<number>[0-9]+)\s+(?P<label>\S+)\s+(?P<operation>INSTALL|REMOVE|CHECK|MOUNT|UNMOUNT|COMMIT|"
    r"INSTALL PREVIEW|REMOVE PREVIEW)\s+(?P<result>SUCCESS|FAILURE)"
)
_OPERATION = re.compile(r"\s*[0-9]")
_STATUS = re.compile(r"Return Status\s*[=:]\s*(SUCCESS|FAILURE)")


def parse(output: Output) -> Row:
    """`succeeded` only if the last line says so and every operation did; and the `operations`."""
    lines = filled(answer(output, "emgr", statuses=(0, 1), closed=f"{_STATUS.pattern}\\s*"))
    titles = [place for place, line in enumerate(lines) if _TITLE.fullmatch(line.strip())]
    ends = [place for place, line in enumerate(lines) if _STATUS.fullmatch(line.strip())]
    if len(titles) != 1 or not ends or ends[-1] < titles[0]:
        raise Unparsable("no operation summary with its return status", lines[-1] if lines else "")
    operations = [
        read_row(line, _ROW, "the operation summary", numbers=("number",))
        for line in lines[titles[0] + 2 : ends[-1]]
        if _OPERATION.match(line)
    ]
    status = _STATUS.fullmatch(lines[ends[-1]].strip())
    succeeded = status is not None and status[1] == "SUCCESS" and bool(operations)
    return {
        "succeeded": succeeded and all(each["result"] == "SUCCESS" for each in operations),
        "operations": operations,
    }


EMGR_SUMMARY = plain(
    "emgr_summary",
    HostKind.LPAR,
    *("emgr -e <file>", "emgr -pe <file>", "emgr -Xe <file>", "emgr -rL <label>", "emgr -cL <label>"),
    *("emgr -prL <label>",),
    parse=parse,
)
