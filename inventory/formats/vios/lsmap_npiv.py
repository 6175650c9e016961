"""`lsmap -all -npiv`: the virtual Fibre Channel adapters of a VIOS."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import Format, plain
from inventory.formats.spelling import Invocation
from inventory.formats.tables import Row

_TITLE = re.compile(r"Name\s+Physloc\s+ClntID\s+ClntName\s+ClntOS")
_ADAPTER = re.compile(
    r"(?P<adapter>vfchost[0-9]+)\s+(?P<location>U\S+)\s+(?P<client_id>[0-9]+)"
    r"(?:\s+(?P<client_name>\S.*?)(?:\s+(?P<client_os>AIX|Linux|IBM i|VIOS))?)?"
)
_LINES = (
    re.compile(r"Status:(?P<status>\w+)"),
    re.compile(r"FC name:(?P<port>\S*)\s+FC loc code:(?P<port_location>\S*)"),
    re.compile(r"Ports logged in:(?P<ports_logged_in>[0-9]+)"),
    re.compile(r"Flags:(?P<flags>\w+<[\w,]*>)"),
    re.compile(r"VFC client name:(?P<client_adapter>\S*)\s+VFC client DRC:(?P<client_location>\S*)"),
)
_COLUMNS = (
    *("adapter", "location", "client_id", "client_name", "client_os", "status", "port", "port_location"),
    *("ports_logged_in", "flags", "client_adapter", "client_location"),
)


def parse(output: Output) -> list[Row]:
    """Each adapter with its client, its port and whether the client is logged in."""
    lines = [line.strip() for line in filled(answer(output, "lsmap -npiv"))]
    adapters: list[Row] = []
    while lines:
        block, lines = lines[:8], lines[8:]
        if not _TITLE.fullmatch(block[0]) or len(block) < 8 or block[1].strip("- \u2013\u2014"):
            raise Unparsable("not the beginning of an adapter", block[0])
        adapters.append(_adapter(block[2:]))
    return adapters


def parse_columns(output: Output, given: Invocation) -> list[Row]:
    """The same between the characters that `-fmt` names, one line per adapter."""
    separator = given.options.get("t") or ":"
    rows = []
    for line in filled(answer(output, "lsmap -fmt")):
        values = line.strip().split(separator)
        if len(values) != len(_COLUMNS):
            raise Unparsable("not a value for each of the columns of lsmap -npiv", line)
        rows.append(_numbered(dict(zip(_COLUMNS, values, strict=True)), line))
    return rows


def _adapter(lines: list[str]) -> Row:
    row: Row = {}
    for line, form in zip(lines, (_ADAPTER, *_LINES), strict=True):
        match = form.fullmatch(line)
        if match is None:
            raise Unparsable("not what lsmap -npiv says of an adapter", line)
        row |= match.groupdict("")
    return _numbered(row, lines[0])


def _numbered(row: Row, line: str) -> Row:
    if not row["client_id"].isdecimal() or not row["ports_logged_in"].isdecimal():
        raise Unparsable("client and ports logged in are no numbers", line)
    return row | {"client_id": int(row["client_id"]), "ports_logged_in": int(row["ports_logged_in"])}


LSMAP_NPIV = plain("lsmap_npiv", HostKind.VIOS, "lsmap -all -npiv", parse=parse)
LSMAP_NPIV_COLUMNS = Format(
    "lsmap_npiv_columns", HostKind.VIOS, ("lsmap -all -npiv -fmt <separator>",), parse_columns
)
