"""`lsattr -El DISK`: who may reserve a disk, and the identifiers that stay when its name changes."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_ROW = re.compile(r"(?P<name>\w+)\s+(?P<rest>\S.*?)\s+(?:True\+?|False)")
_POLICY = re.compile(r"(no_reserve|single_path|PR_exclusive|PR_shared)\s.*")
_PVID = re.compile(r"(?:(?P<pvid>[0-9a-f]{16})[0-9a-f]{16}|none)\s.*")
_IDENTIFIER = re.compile(r"([0-9A-Za-z_.:-]*[0-9][0-9A-Za-z_.:-]*)\s.*")


@dataclass(frozen=True, slots=True)
class DiskAttributes:
    """A disk's attributes; each is empty where the disk's driver has none.

    `reserve_policy` is `no_reserve`, `single_path`, `PR_exclusive` or `PR_shared`; `pvid` has 16 digits;
    `unique_id` is the storage system's identifier of the volume, the same from every LPAR.
    """

    reserve_policy: str
    pvid: str
    unique_id: str


def _build(spare: str) -> Command:
    return aix("lsattr", "-El", spare)


def _parse(output: Output) -> DiskAttributes:
    rows: dict[str, tuple[str, str]] = {}
    for line in filled(answer(output, "lsattr")):
        row = _ROW.fullmatch(line.strip())
        if row is None:
            raise Unparsable("not a row of lsattr (attribute, value, description, settable)", line)
        if row["name"] in rows:
            raise Unparsable("lsattr names an attribute twice", line)
        rows[row["name"]] = (row["rest"], line)
    if not rows:
        raise Unparsable("lsattr printed no attribute")
    return DiskAttributes(
        reserve_policy=_value(rows, "reserve_policy", _POLICY),
        pvid=_value(rows, "pvid", _PVID),
        unique_id=_identifier(rows),
    )


def _value(rows: dict[str, tuple[str, str]], name: str, form: re.Pattern[str]) -> str:
    if name not in rows:
        return ""
    rest, line = rows[name]
    found = form.fullmatch(rest)
    if found is None:
        raise Unparsable(f"the value of {name} is not understood", line)
    return found[1] or ""


def _identifier(rows: dict[str, tuple[str, str]]) -> str:
    """The volume's identifier; a blank value leaves the description alone, which has no digit."""
    found = _IDENTIFIER.fullmatch(rows["unique_id"][0]) if "unique_id" in rows else None
    return found[1] if found else ""


DISK_ATTRIBUTES = Fact(
    name="disk_attributes", host=HostKind.LPAR, build=_build, parse=_parse, params=("spare",)
)
