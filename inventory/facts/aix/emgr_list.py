"""`emgr -l`: the interim fixes on the LPAR and their states."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.emgr import table_rows

_TITLE = re.compile(r"ID\s+STATE\s+LABEL\s+INSTALL TIME\s+UPDATED BY\s+ABSTRACT")
_ROW = re.compile(
    r"\s*([0-9]{1,9})\s+\*?([SMUQBIRTPN]{1,2})\*?\s+(\S+)\s+"
    r"([0-9]{2}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})(?:\s+(\S.*))?"
)
_LEGEND = "STATE codes:"


@dataclass(frozen=True, slots=True)
class Ifix:
    """One interim fix. `id` rises with the order of installation.

    `state` holds the letters of `emgr -l` without its stars, e.g. `S` stable, `Q` reboot required,
    `B` broken. `installed` is the LPAR's local time as `MM/DD/YY hh:mm:ss`. `abstract` begins with
    the label of the fix that updated this one, if any: those two columns have no safe border.
    """

    id: int
    state: str
    label: str
    installed: str
    abstract: str


def parse(output: Output) -> tuple[Ifix, ...]:
    """The interim fixes in order of installation."""
    rows = table_rows(output, "emgr -l", _TITLE)
    if _LEGEND in rows:
        rows = rows[: rows.index(_LEGEND)]
    return tuple(sorted((_ifix(row) for row in rows), key=lambda ifix: ifix.id))


def _ifix(row: str) -> Ifix:
    match = _ROW.fullmatch(row)
    if match is None:
        raise Unparsable("not an interim fix", row)
    number, state, label, installed, abstract = match.groups()
    return Ifix(int(number), state, label, installed, abstract or "")


EMGR_LIST = Fact("emgr_list", HostKind.LPAR, lambda: aix("emgr", "-l"), parse)
