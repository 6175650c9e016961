"""`nim -o showres NAME`: the filesets, RPMs and interim fixes that NIM offers from an lpp_source.

The answer has one of two layouts: the selection list (`@ 7.2.5.1  Name  @@I:bos.mp64 7.2.5.1`) or the
table of `installp -l` (`bos.mp64  7.2.5.1  S  N usr`).
"""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_LEVEL = r"(?P<level>[0-9][\w.~+-]*)"
_OFFER = re.compile(rf"(?:[@+] )?(?:\S.*\s)?@@(?P<kind>[IRE]):(?P<name>\S+)(?:\s+{_LEVEL})?")
_WHOLE_PACKAGE = re.compile(r".*\bALL\s+@@[A-Z]:\S+\s+_all_filesets")
_TITLE = re.compile(r"\s*Fileset Name\s+Level\s+I/U\s+Q\s+Content")
_ROW = re.compile(rf"\s+(?P<name>\S+)\s+{_LEVEL}\s+(?P<kind>[IUSMFR])(?:\s+[A-Za-z]\s+[a-z,]+)?")
_KINDS = {"R": "rpm", "E": "ifix"}


@dataclass(frozen=True, slots=True)
class Package:
    """A package with one of its levels; `kind` is `installp`, `rpm` or `ifix` (which has no level)."""

    name: str
    level: str
    kind: str


def _build(lpp_source: str) -> Command:
    return aix("nim", "-o", "showres", lpp_source)


def _parse(output: Output) -> tuple[Package, ...]:
    """The packages in the order listed, each once; an lpp_source of interim fixes alone may show none."""
    lines = filled(answer(output, "nim -o showres"))
    return tuple(dict.fromkeys(_package(line) for line in lines if not _names_none(line)))


def _names_none(line: str) -> bool:
    """Whether a line is a heading, a comment (`#`), or the offer of a whole package."""
    drawn = not line.strip("= -")
    return drawn or line.startswith("#") or bool(_TITLE.fullmatch(line) or _WHOLE_PACKAGE.fullmatch(line))


def _package(line: str) -> Package:
    row = _OFFER.fullmatch(line.strip()) or _ROW.fullmatch(line)
    if row is None:
        raise Unparsable("not a package of an lpp_source", line)
    kind, level = _KINDS.get(row["kind"], "installp"), row["level"] or ""
    if not level and kind != "ifix":
        raise Unparsable("a package without a level", line)
    name = row["name"].removesuffix(f"-{level}") if kind == "rpm" else row["name"]
    return Package(name, level, kind)


NIM_CONTENTS = Fact(
    name="nim_contents",
    host=HostKind.NIM_MASTER,
    build=_build,
    parse=_parse,
    params=("lpp_source",),
    discovery=True,
)
