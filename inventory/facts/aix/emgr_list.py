"""`emgr -l`: the interim fixes on the LPAR and their states."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.emgr import table_rows

_TITLE = re.compile(r"ID\s+STATE\s+LABEL\s+INSTALL TIME\s+UPDATED BY\s+ABSTRACT")
_ROW = re.compile(
    r"\s*([0-9]{1,9})\s+\*?([SMUQBIRTPN]{1,2})\*?\s+(\S+)\s+"
    r"([0-9]{2}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})(?:\s(.*))?"
)
_UPDATED_BY_WIDTH = 10
_LEGEND = "STATE codes:"


@dataclass(frozen=True, slots=True)
class Ifix:
    """One interim fix. `id` rises with the order of installation.

    `state` holds the letters of `emgr -l` without its stars, e.g. `S` stable, `Q` reboot required,
    `B` broken. `installed` is the LPAR's local time as `MM/DD/YY hh:mm:ss`; `updated_by` is the label
    of the fix that updated this one, if any.
    """

    id: int
    state: str
    label: str
    installed: str
    abstract: str
    updated_by: str = ""


def parse(output: Output) -> tuple[Ifix, ...]:
    """The interim fixes in order of installation; the legend of states ends the table."""
    rows = table_rows(output, "emgr -l", _TITLE)
    if not rows:
        return ()
    if _LEGEND not in rows:
        raise Unparsable("the table ends without the legend of its states", rows[-1])
    return tuple(sorted(map(_ifix, rows[: rows.index(_LEGEND)]), key=lambda ifix: ifix.id))


def _ifix(row: str) -> Ifix:
    match = _ROW.fullmatch(row)
    if match is None:
        raise Unparsable("not an interim fix", row)
    number, state, label, installed, rest = match.groups()
    updated_by, abstract = _updated(rest or "", row)
    return Ifix(int(number), state, label, installed, abstract, updated_by)


def _updated(rest: str, row: str) -> tuple[str, str]:
    """The two last columns, of which the first is often blank: only its width tells them apart."""
    updated_by, abstract = rest[:_UPDATED_BY_WIDTH].strip(), rest[_UPDATED_BY_WIDTH:]
    if " " in updated_by or abstract[:1].strip():
        raise Unparsable("columns UPDATED BY and ABSTRACT are not where emgr prints them", row)
    return updated_by, abstract.strip()


EMGR_LIST = Fact("emgr_list", HostKind.LPAR, lambda: aix("emgr", "-l"), parse, version=2)
