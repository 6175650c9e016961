"""What a report is: numbers with what they rest on, in one typed form for page, CSV, JSON, PDF and OSCAL.

The canonical JSON of a report holds no floats, no names of people (pseudonyms only) and nothing of who made
it when, so that the same question to the same ledger gives the same digest.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.lib.canonical import canonical_json, digest
from portal.lib.clock import rfc3339

SCHEMA = 1
"""Rises whenever a reader of the JSON would have to change."""


class EvidenceKind(StrEnum):
    """What a piece of evidence is. `ref` is, in this order: `12` or `12-40` (places in the ledger, the last
    included), the id of a run, the number of a request, the id of an LPAR, of a finding, of an exception."""

    ENTRIES = "entries"
    RUN = "run"
    REQUEST = "request"
    LPAR = "lpar"
    CHANGE_OUTSIDE = "change_outside"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a reader can look for themselves; `label` is what the link says."""

    kind: EvidenceKind
    ref: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; whoever shows it divides, and shows both."""

    part: int
    whole: int


Cell = None | bool | int | str | Share | tuple[str, ...]
"""None is not known, which is never nothing."""


class ColumnType(StrEnum):
    """What a cell holds and how it is read."""

    TEXT = "text"
    TEXTS = "texts"  # a tuple, one below the other
    NUMBER = "number"
    SHARE = "share"
    YES_NO = "yes_no"
    TIME = "time"  # RFC 3339 in UTC with microseconds; empty: not yet
    DATE = "date"  # 2026-11-30
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    DAYS = "days"
    STATE = "state"  # a word of states.py or of this report, shown as a badge
    LEVEL = "level"  # as `oslevel -s` gives it
    DIGEST = "digest"  # sha256:…
    PERSON = "person"  # a pseudonym; Report.people has the name
    PEOPLE = "people"  # a tuple of pseudonyms
    RUN = "run"  # the id of a run
    REQUEST = "request"  # R-000104
    LPAR = "lpar"  # a name of an LPAR


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name for machines, its heading, and what its cells hold."""

    key: str
    title: str
    type: ColumnType = ColumnType.TEXT


@dataclass(frozen=True, slots=True)
class Row:
    """As many cells as the table has columns."""

    cells: tuple[Cell, ...]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with typed columns. `denominator` says which things the rows are all of; `empty` what it means
    that there are none."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    denominator: str = ""
    empty: str = "None."


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `key` is unique in the report; `must_be` is what an auditor expects where that is fixed."""

    key: str
    title: str
    value: Cell
    type: ColumnType = ColumnType.NUMBER
    denominator: str = ""
    must_be: int | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def as_expected(self) -> bool | None:
        """Whether it is what it must be; None where nothing is fixed."""
        return None if self.must_be is None else self.value == self.must_be


@dataclass(frozen=True, slots=True)
class Term:
    """A named number of one side of an equation."""

    title: str
    value: int


@dataclass(frozen=True, slots=True)
class Equation:
    """Two sums that must be equal, both sides counted on their own."""

    key: str
    title: str
    left: tuple[Term, ...]
    right: tuple[Term, ...]
    explained: str = ""

    @property
    def left_sum(self) -> int:
        """The sum of the left side."""
        return sum(term.value for term in self.left)

    @property
    def right_sum(self) -> int:
        """The sum of the right side."""
        return sum(term.value for term in self.right)

    @property
    def holds(self) -> bool:
        """Whether both sides are equal."""
        return self.left_sum == self.right_sum


class Status(StrEnum):
    """How a control stands; what the portal cannot see is not assessed."""

    SATISFIED = "satisfied"
    NOT_SATISFIED = "not satisfied"
    NOT_ASSESSED = "not assessed"


@dataclass(frozen=True, slots=True)
class Control:
    """One control of a standard. `rests_on` names figures and equations of this report by their keys;
    `oscal` are ids of NIST SP 800-53 r5 in OSCAL's spelling (`cm-3`)."""

    standard: str
    name: str
    asks: str
    status: Status
    because: str
    rests_on: tuple[str, ...] = ()
    oscal: tuple[str, ...] = ()


class ChartKind(StrEnum):
    """How series are drawn."""

    BARS = "bars"  # one bar per label and series
    STACKED = "stacked"
    LINE = "line"
    HISTOGRAM = "histogram"  # labels are the upper bounds of classes


@dataclass(frozen=True, slots=True)
class Series:
    """One value per label of the chart; None where nothing was measured."""

    title: str
    values: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over shared labels; `mark` is a line to compare with (a budget, a deadline)."""

    key: str
    title: str
    kind: ChartKind
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: ColumnType = ColumnType.NUMBER
    denominator: str = ""
    mark: int | None = None
    mark_title: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One numbered part. `about` says in sentences what it shows; `notes` what to know when reading it."""

    number: int
    key: str
    title: str
    about: str
    figures: tuple[Figure, ...] = ()
    equations: tuple[Equation, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    controls: tuple[Control, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment up to another, which is not in it; days are those of the time zone."""

    begin: datetime
    end: datetime
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Scope:
    """What the report is about: one team by its slug, or (empty) all."""

    team: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Of which ledger the numbers are: its first `size` entries with this root, and the first checkpoint
    that covers them. `key` is the SHA-256 of the verifier key."""

    origin: str
    size: int
    root: str
    checkpoint: str
    key: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a kind (`compliance`), as of a moment. `people` and `made_…` are not part of its digest."""

    kind: str
    title: str
    period: Period
    scope: Scope
    as_of: datetime
    standing: Standing
    sections: tuple[Section, ...]
    people: Mapping[str, str] = field(default_factory=dict)
    made_at: datetime | None = None
    made_by: str = ""
    product: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """The report as JSON values, without who made it."""
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "title": self.title,
            "period": {
                "begin": rfc3339(self.period.begin),
                "end": rfc3339(self.period.end),
                "time_zone": self.period.time_zone,
            },
            "scope": asdict(self.scope),
            "as_of": rfc3339(self.as_of),
            "standing": asdict(self.standing),
            "sections": [_section(section) for section in self.sections],
        }

    @property
    def content(self) -> bytes:
        """Its canonical JSON."""
        return canonical_json(self.document)

    @property
    def digest(self) -> str:
        """SHA-256 of its canonical JSON."""
        return digest(self.content)

    def figure(self, key: str) -> Figure:
        """The figure of this key. Raises KeyError."""
        return {each.key: each for section in self.sections for each in section.figures}[key]

    def section(self, key: str) -> Section:
        """The section of this key. Raises KeyError."""
        return {each.key: each for each in self.sections}[key]


def _section(section: Section) -> dict[str, Any]:
    """With what a reader would otherwise have to work out: sums, and whether they are equal."""
    said = asdict(section)
    for equation, told in zip(section.equations, said["equations"], strict=True):
        told.update(left_sum=equation.left_sum, right_sum=equation.right_sum, holds=equation.holds)
    for figure, told in zip(section.figures, said["figures"], strict=True):
        told["as_expected"] = figure.as_expected
    return said
