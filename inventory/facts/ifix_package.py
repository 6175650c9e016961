"""`emgr -d -e FILE -v2`: what an interim fix's package file says of itself."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inventory.facts.base import Output, Unparsable
from inventory.facts.text import answer, filled

_FIELD = re.compile(r"\s*([A-Z][A-Z /-]*):\s*(.*)")
_LEVEL = r"(?:[0-9]{1,5}(?:\.[0-9]{1,5}){3}|NONE)"
_NEEDED = re.compile(rf"\s*([\w.+-]+)\s+({_LEVEL})\s+({_LEVEL})(?:\s+(PREREQ|XREQ))?")
_PARTS = ("Fileset", "Minimal Level", "Maximum Level", "Type")
_PART = re.compile(rf"\s*({'|'.join(_PARTS)}):\s*(\S+)")
_YES_NO = {"yes": True, "no": False}
OPEN = "NONE"
"""A bound that is not set."""


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """A fileset and the levels of it, both ends included, `NONE` for an open end.

    It has to be installed at such a level, or must not be (`excluded`).
    """

    fileset: str
    low: str
    high: str
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class IfixPackage:
    """An interim fix that is not installed yet: its label and whether Live Update can apply it.

    `reboot_required` is None where the package does not say it. `prerequisites` is None where it has some
    and does not list them. `locations` are the files that it replaces, `filesets` those they belong to.
    """

    label: str
    lu_capable: bool
    reboot_required: bool | None = None
    prerequisites: tuple[Prerequisite, ...] | None = ()
    locations: tuple[str, ...] = ()
    filesets: tuple[str, ...] = ()


def parse_ifix_package(output: Output) -> IfixPackage:
    """What the package says; label and capability must be given, and each prerequisite whole."""
    lines = filled(answer(output, "emgr -d"))
    fields: dict[str, list[str]] = {}
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is not None:
            fields.setdefault(match[1].strip(), []).append(match[2].strip())
    said = {name: values[0] for name, values in fields.items()}
    label, capable = said.get("LABEL", ""), said.get("LU CAPABLE", "")
    if not label:
        raise Unparsable("no LABEL in the description of the package")
    if capable.lower() not in _YES_NO:
        raise Unparsable("LU CAPABLE is neither yes nor no", capable)
    needed = (*_rows(lines), *_blocks(lines))
    unlisted = _YES_NO.get(said.get("PRE-REQUISITES", "").lower()) and not needed
    return IfixPackage(
        label,
        _YES_NO[capable.lower()],
        _YES_NO.get(said.get("REBOOT REQUIRED", "").lower()),
        None if unlisted else needed,
        tuple(dict.fromkeys(fields.get("LOCATION", ()))),
        tuple(dict.fromkeys(fields.get("PACKAGE", ()))),
    )


def _rows(lines: Iterable[str]) -> Iterator[Prerequisite]:
    """One prerequisite per line: fileset, lowest, highest level."""
    for line in lines:
        match = _NEEDED.fullmatch(line)
        if match is not None:
            yield Prerequisite(match[1], match[2], match[3], match[4] == "XREQ")


def _blocks(lines: Iterable[str]) -> Iterator[Prerequisite]:
    """One prerequisite per block of lines, as an installation prints them; each must have all its parts."""
    parts = list(filter(None, map(_PART.fullmatch, lines)))
    for start in range(0, len(parts), len(_PARTS)):
        block = parts[start : start + len(_PARTS)]
        if tuple(part[1] for part in block) != _PARTS:
            raise Unparsable("a prerequisite without all its parts", block[0][0])
        fileset, low, high, kind = (part[2] for part in block)
        yield Prerequisite(fileset, low, high, kind == "XREQ")
