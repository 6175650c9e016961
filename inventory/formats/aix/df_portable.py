"""`df -P`: the file systems in the portable form, with what is used and available."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, read_row

_TITLE = re.compile(
    r"Filesystem\s+(512-blocks|1024-blocks|MB blocks|GB blocks)\s+Used\s+Available\s+Capacity\s+Mounted on"
)
_NUMBER = r"-?[0-9]{1,18}(?:\.[0-9]{1,4})?|-"
_ROW = (
    rf"(?P<device>\S.*?)\s+(?P<size_mb>{_NUMBER})\s+(?P<used_mb>{_NUMBER})\s+(?P<available_mb>{_NUMBER})\s+"
    r"(?P<used_percent>[0-9]+%|-)\s+(?P<mount_point>/.*)"
)
_PER_MB = {"512-blocks": 2048, "1024-blocks": 1024, "MB blocks": 1, "GB blocks": 1 / 1024}


def parse(output: Output) -> list[Row]:
    """Sizes in MB; None for a pseudo file system."""
    lines = filled(answer(output, "df -P"))
    title = _TITLE.fullmatch(lines[0].strip()) if lines else None
    if title is None or len(lines) < 2:
        raise Unparsable("df -P did not print its heading and a file system", lines[0] if lines else "")
    return [_file_system(read_row(line, _ROW, "df -P"), _PER_MB[title[1]]) for line in lines[1:]]


def _file_system(row: Row, per_mb: float) -> Row:
    for name in ("size_mb", "used_mb", "available_mb"):
        row[name] = None if row[name] == "-" else float(row[name]) / per_mb
    row["used_percent"] = None if row["used_percent"] == "-" else int(row["used_percent"].rstrip("%"))
    return row


DF_PORTABLE = plain("df_portable", HostKind.LPAR, "df -P", "df -Pk", "df -Pm", "df -Pg", parse=parse)
