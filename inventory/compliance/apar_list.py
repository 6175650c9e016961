"""Reads IBM's list of security and HIPER faults in its published form, `apar.csv`.

IBM's Fix Level Recommendation Tool publishes the list (page `aparCSV`), and its vulnerability checker
FLRTVC reads it: a header of 15 columns, then, in newer lists, a line with version and date, then one
line per fault and release. A site brings the file in by hand; nothing is fetched.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from inventory.facts.level import vrmf
from portal.lib.errors import Invalid

COLUMNS = (
    *("type", "product", "versions", "abstract", "apars", "fixedIn", "ifixes", "bulletinUrl"),
    *("filesets", "issued", "updated", "siblings", "download", "cvss", "reboot"),
)
TYPES = ("sec", "hiper")
LIVE_UPDATE, NO_REBOOT, REBOOT = "live_update", "no", "yes"

_EPKG = re.compile(r"([A-Za-z0-9]{1,10})\.(?:[A-Za-z0-9.\-_]+\.)?epkg\.Z")
_CVE = re.compile(r"(CVE-[0-9]{4}-[0-9]{4,7})\s*:?\s*([0-9]{1,2}(?:\.[0-9]{1,2})?)?")
_NAME = re.compile(r"[A-Za-z0-9._+\-]+")
_VERSION_LINE = re.compile(r"[0-9]{4}\.[0-9]{2}\.[0-9]{2}")


class BadList(Invalid):
    """The file is not IBM's list."""

    code = "bad_apar_list"


class BadRow(Exception):
    """A line of the list that cannot be understood; the message says why."""


@dataclass(frozen=True, slots=True)
class Range:
    """Levels of one fileset that have the fault: `low` to `high`, both included.

    `low` None: everything below; `below` True: `high` itself is free of the fault.
    """

    fileset: str
    low: tuple[int, int, int, int] | None
    high: tuple[int, int, int, int]
    below: bool = False

    def holds(self, level: tuple[int, int, int, int]) -> bool:
        """Whether a fileset at this level has the fault."""
        if self.low is not None and level < self.low:
            return False
        return level < self.high if self.below else level <= self.high


@dataclass(frozen=True, slots=True)
class Advisory:
    """One line of the list: a fault of one AIX release.

    `apar` is the APAR's number or what stands for it, `labels` the interim fixes that cure it,
    `reboot` whether such a fix needs a reboot (`yes`, `no`, or `live_update`: Live Update can apply
    it), `cvss` the highest score, None where there is none. `line` is the line of the file.
    """

    line: int
    type: str
    apar: str
    abstract: str
    versions: tuple[str, ...]
    fixed_in: str
    packages: tuple[str, ...]
    labels: tuple[str, ...]
    bulletin: str
    ranges: tuple[Range, ...]
    issued_on: date | None
    updated_on: date | None
    cves: tuple[str, ...]
    cvss: Decimal | None
    reboot: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not understood, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class AparList:
    """The advisories on AIX in a list; lines on other products are `skipped`, unclear ones `refused`."""

    advisories: tuple[Advisory, ...]
    refused: tuple[Refusal, ...]
    skipped: int
    published_on: date | None


def read_apar_list(content: bytes) -> AparList:
    """Read the file. Raises BadList when it is not this list at all."""
    rows = _rows(content)
    header = next(rows, (0, []))[1]
    if tuple(cell.strip() for cell in header) != COLUMNS:
        raise BadList(
            "The file does not begin with the header of IBM's apar.csv (type,product,versions,…).",
            remedy="Download the list again from IBM's Fix Level Recommendation Tool, page aparCSV, as CSV.",
        )
    advisories: dict[tuple[object, ...], Advisory] = {}
    refused: list[Refusal] = []
    skipped, published_on = 0, None
    for line, row in rows:
        if len(row) == 2 and _VERSION_LINE.fullmatch(row[1].strip()):
            published_on = _day(row[1].strip().replace(".", ""))
        elif len(row) == len(COLUMNS) and row[1].strip().lower() != "aix":
            skipped += 1
        else:
            try:
                advisory = _advisory(line, row)
                advisories.setdefault(_sameness(advisory), advisory)
            except BadRow as error:
                refused.append(Refusal(line, str(error)))
    return AparList(tuple(advisories.values()), tuple(refused), skipped, published_on)


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise BadList(f"Line {reader.line_num} is not CSV: {error}.") from error


def _advisory(line: int, row: list[str]) -> Advisory:
    if len(row) != len(COLUMNS):
        raise BadRow(f"{len(row)} columns instead of {len(COLUMNS)}")
    cell = dict(zip(COLUMNS, (part.strip() for part in row), strict=True))
    if cell["type"].lower() not in TYPES:
        raise BadRow(f"type {cell['type']!r} is neither sec nor hiper")
    packages = tuple(dict.fromkeys(match[0] for match in _EPKG.finditer(_current(cell["ifixes"]))))
    scores = _CVE.findall(cell["cvss"])
    return Advisory(
        line=line,
        type=cell["type"].lower(),
        apar=cell["apars"],
        abstract=cell["abstract"],
        versions=tuple(part.strip() for part in cell["versions"].split("::") if part.strip()),
        fixed_in="" if cell["fixedIn"].lower() in ("none", "n/a") else cell["fixedIn"],
        packages=packages,
        labels=tuple(dict.fromkeys(package.partition(".")[0] for package in packages)),
        bulletin=cell["bulletinUrl"],
        ranges=_ranges(cell["filesets"]),
        issued_on=_day(cell["issued"]),
        updated_on=_day(cell["updated"]),
        cves=tuple(dict.fromkeys(cve for cve, _ in scores)),
        cvss=max((Decimal(score) for _, score in scores if score), default=None),
        reboot=_reboot(cell["reboot"]),
    )


def _sameness(advisory: Advisory) -> tuple[object, ...]:
    """The list repeats lines; two are one when everything but their place is the same."""
    return (advisory.type, advisory.apar, advisory.abstract, advisory.versions, advisory.ranges)


def _current(packages: str) -> str:
    """The packages without those that a newer one replaces."""
    return " ".join(part for part in packages.split() if not part.upper().startswith("DEPRECATED"))


def _ranges(text: str) -> tuple[Range, ...]:
    """`NAME:LOW-HIGH NAME:LEVEL NAME:<LEVEL`; HIGH may be its last part alone (`6.1.9.101-103`)."""
    ranges = []
    for token in text.split():
        name, colon, levels = token.strip(",;").rpartition(":")
        if not colon or not _NAME.fullmatch(name):
            raise BadRow(f"{token!r} is not FILESET:LOW-HIGH")
        try:
            ranges.append(_range(name, levels))
        except ValueError as error:
            raise BadRow(f"{token!r}: {error}") from error
    if not ranges:
        raise BadRow("no fileset is named")
    return tuple(ranges)


def _range(name: str, levels: str) -> Range:
    if levels.startswith("<"):
        inclusive = levels.startswith("<=")
        return Range(name, None, vrmf(levels.lstrip("<=")), below=not inclusive)
    low, dash, high = levels.partition("-")
    first = vrmf(low)
    if not dash:
        return Range(name, first, first)
    last = (*first[:3], int(high)) if high.isascii() and high.isdigit() else vrmf(high)
    if last < first:
        raise ValueError("the range ends before it begins")
    return Range(name, first, last)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise BadRow(f"{text!r} is not a day such as 20250131") from error


def _reboot(text: str) -> str:
    """Column `reboot`: `LU` says that Live Update can apply the fix."""
    said = {"lu": LIVE_UPDATE, "no": NO_REBOOT, "yes": REBOOT}.get(text.lower())
    if said is None:
        raise BadRow(f"reboot {text!r} is none of yes, no and LU")
    return said
