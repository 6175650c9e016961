"""`lsfs`: the file systems of /etc/filesystems; with `-q` what their logical volumes are like."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, number
from inventory.formats.base import plain
from inventory.formats.tables import Row, read_row

_TITLE = re.compile(r"Name\s+Nodename\s+Mount Pt\s+VFS\s+Size\s+Options\s+Auto\s+Accounting")
_ROW = (
    r"(?P<device>\S+)\s+(?P<node>\S+)\s+(?P<mount_point>\S+)\s+(?P<vfs>\S+)\s+(?P<size>-?[0-9]+|--)\s+"
    r"(?P<options>\S+)\s+(?P<auto>yes|no)\s+(?P<accounting>yes|no)"
)
_COLONS = "#MountPoint:Device:Vfs:Nodename:Type:Size:Options:AutoMount:Acct"
_COLUMNS = ("mount_point", "device", "vfs", "node", "type", "size", "options", "auto", "accounting")
_DETAIL = re.compile(r"\s*\((\w.*)\)")
_PIECE = re.compile(r"\s*([a-zA-Z][\w ]*?):?\s+([0-9]+|yes|no|v[12])\s*")


def parse(output: Output) -> list[Row]:
    """One record per file system, `size` in 512-byte blocks; `--` and empty columns are None."""
    lines = filled(answer(output, "lsfs"))
    if not lines or not (_TITLE.fullmatch(lines[0].strip()) or lines[0] == _COLONS):
        raise Unparsable("not the heading of lsfs", lines[0] if lines else "")
    rows: list[Row] = []
    for line in lines[1:]:
        if rows and (detail := _DETAIL.fullmatch(line)):
            rows[-1]["detail"] = _detail(detail[1], line)
        else:
            rows.append(_colons(line) if lines[0] == _COLONS else _row(line))
    return rows


def _row(line: str) -> Row:
    return _read(read_row(line, _ROW, "lsfs"), line)


def _colons(line: str) -> Row:
    columns = line.split(":")
    if len(columns) != len(_COLUMNS):
        raise Unparsable("not a row of lsfs -c", line)
    row = _read(dict(zip(_COLUMNS, columns, strict=True)), line)
    if row["auto"] not in ("yes", "no") or row["accounting"] not in ("yes", "no"):
        raise Unparsable("not a row of lsfs -c", line)
    return row


def _read(row: Row, line: str) -> Row:
    read = {name: None if value in ("", "--") else value for name, value in row.items()}
    if read["size"] is not None:
        read["size"] = number(read["size"], "the size", line)
    return read


def _detail(text: str, line: str) -> dict[str, str]:
    parts = [_PIECE.fullmatch(piece) for piece in re.split(r"[:,](?=\s?[a-zA-Z])", text)]
    if None in parts:
        raise Unparsable("not what lsfs -q says of a logical volume", line)
    return {part[1]: part[2] for part in parts if part}


FILE_SYSTEMS = plain(
    "file_systems",
    HostKind.LPAR,
    *("lsfs", "lsfs -q", "lsfs -c", "lsfs -cq", "lsfs <file_system>", "lsfs -q <file_system>"),
    *("lsfs -c <file_system>", "lsfs -cq <file_system>", "lsfs -l"),
    parse=parse,
)
