"""Cells of a report as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from liveupdate.reports.document import Cell, Chart, ColumnType, Equation, Evidence, Report, Row, Share
from portal.lib.text import visible
from portal.web.times import clock

UNKNOWN = "not known"
DIGITS = 16
"""Hexadecimal digits of a digest that a table shows; JSON and CSV hold all 64."""
LONGEST = 2_000
"""Characters of one cell that pages and PDF show; JSON and CSV hold all."""


AMOUNTS = frozenset(
    {ColumnType.NUMBER, ColumnType.SECONDS, ColumnType.MILLISECONDS, ColumnType.DAYS, ColumnType.SHARE}
)
"""Types of columns that hold how much or how many."""


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom cells are put into words: in which time zone, and with which names for pseudonyms."""

    zone: ZoneInfo
    people: Mapping[str, str]

    @classmethod
    def of(cls, report: Report) -> "Reader":
        """The reader whom the report was made for."""
        return cls(ZoneInfo(report.period.time_zone), report.people)

    def lines(self, value: Cell, type_: ColumnType) -> tuple[str, ...]:
        """A cell as the lines that it takes: several for a list, else one. Nothing in it is obeyed."""
        if isinstance(value, tuple):
            return tuple(self._one(item, type_) for item in value)
        return (self._one(value, type_),)

    def text(self, value: Cell, type_: ColumnType) -> str:
        """A cell on one line."""
        return ", ".join(self.lines(value, type_))

    def moment(self, at: datetime) -> str:
        """A moment to the second in the reader's zone, e.g. `2026-11-22 02:11:42 CET`."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S %Z}"

    def _one(self, value: Cell, type_: ColumnType) -> str:
        if value is None:
            return UNKNOWN
        if isinstance(value, Share):
            return share(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int) and type_ in AMOUNTS:
            return amount(value, type_)
        return _cut(visible(self._of_text(str(value), type_)))

    def _of_text(self, value: str, type_: ColumnType) -> str:
        if type_ is ColumnType.TIME and value:
            return self.moment(datetime.fromisoformat(value))
        if type_ in (ColumnType.PERSON, ColumnType.PEOPLE):
            return self.people.get(value, value)
        if type_ is ColumnType.DIGEST:
            return value.rpartition(":")[2][:DIGITS]
        if type_ is ColumnType.STATE:
            return value.replace("_", " ")
        return value


def share(value: Share) -> str:
    """Both numbers and what they make: `3 of 4 (75.0 %)`."""
    if not value.whole:
        return f"{value.part:,} of 0"
    thousandths = (2000 * value.part + value.whole) // (2 * value.whole)
    return f"{value.part:,} of {value.whole:,} ({thousandths // 10}.{thousandths % 10} %)"


def amount(value: int, type_: ColumnType) -> str:
    """A number with its unit: `1,204`, `6 m 41 s`, `18.250 s`, `12 d`."""
    if type_ is ColumnType.SECONDS:
        return clock(timedelta(seconds=value))
    if type_ is ColumnType.MILLISECONDS:
        return f"{value // 1000:,}.{value % 1000:03} s"
    return f"{value:,} d" if type_ is ColumnType.DAYS else f"{value:,}"


def side(terms: Equation, *, left: bool) -> str:
    """One side of an equation: `approved 3 + denied 1 = 4`."""
    sums = terms.left if left else terms.right
    total = terms.left_sum if left else terms.right_sum
    words = " + ".join(f"{visible(term.title)} {term.value:,}" for term in sums)
    return f"{words} = {total:,}" if len(sums) > 1 else words


def pointer(evidence: Evidence) -> str:
    """Where to look, in words: `run 12`, `ledger 40-62`."""
    if evidence.label:
        return _cut(visible(evidence.label))
    kind = "ledger" if evidence.kind == "entries" else evidence.kind.replace("_", " ")
    return visible(f"{kind} {evidence.ref}")


def pointers(row: Row) -> tuple[str, ...]:
    """Where to look for a whole row."""
    return tuple(pointer(each) for each in row.evidence)


def value_of(chart: Chart, value: int | None) -> str:
    """One value of a chart with its unit."""
    return UNKNOWN if value is None else amount(value, chart.unit)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… (the whole text is in the JSON)"
