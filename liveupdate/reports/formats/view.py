"""A report as templates show it: everything in words, with links where there is somewhere to go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from liveupdate.reports.document import (
    Cell,
    Chart,
    ColumnType,
    Equation,
    Evidence,
    Figure,
    Report,
    Row,
    Section,
    Table,
)
from liveupdate.reports.formats.drawing import NARROW, Drawing, drawing_of
from liveupdate.reports.formats.words import AMOUNTS, Reader, pointer, side, value_of

Links = Callable[[str, str], str]
"""The address for a kind of thing (`run`, `request`, `lpar`, `entries`, …) and its name; empty: none."""
LOOKS = {
    **dict.fromkeys(AMOUNTS, "num nowrap"),
    ColumnType.LEVEL: "mono nowrap",
    ColumnType.DIGEST: "mono",
    ColumnType.RUN: "nowrap",
    ColumnType.REQUEST: "nowrap",
    ColumnType.DATE: "num nowrap",
    ColumnType.TIME: "nowrap",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cell."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell under its heading; `state` is a state's name, for a badge."""

    heading: str
    lines: tuple[Line, ...]
    look: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class TableView:
    """A table, or some rows of it."""

    table: Table
    headings: tuple[tuple[str, str], ...]
    rows: tuple[tuple[CellView, ...], ...]


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure in words; `is_bad`: it is not what it must be."""

    figure: Figure
    text: str
    is_bad: bool
    evidence: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class EquationView:
    """An equation with both sides in words."""

    equation: Equation
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class ChartView:
    """A chart with its drawings, wide and for a narrow screen, and the table beside it."""

    chart: Chart
    drawing: Drawing | None
    narrow: Drawing | None
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section."""

    section: Section
    figures: tuple[FigureView, ...]
    equations: tuple[EquationView, ...]
    charts: tuple[ChartView, ...]
    tables: tuple[TableView, ...]

    @property
    def troubles(self) -> int:
        """Figures that are not what they must be, equations that do not hold, controls not satisfied."""
        return (
            sum(each.is_bad for each in self.figures)
            + sum(not each.equation.holds for each in self.equations)
            + sum(each.status == "not satisfied" for each in self.section.controls)
        )


def no_links(_kind: str, _name: str) -> str:
    """For files: they lie anywhere, and lead nowhere."""
    return ""


class View:
    """Puts a report into words."""

    def __init__(self, report: Report, links: Links = no_links) -> None:
        self.report, self.reader, self.links = report, Reader.of(report), links

    def times(self) -> dict[str, str]:
        """When it begins, ends, was known and was made, in the zone that it was asked for."""
        period, made_at = self.report.period, self.report.made_at
        return {
            "begin": self.reader.moment(period.begin),
            "end": self.reader.moment(period.end),
            "as_of": self.reader.moment(self.report.as_of),
            "made_at": self.reader.moment(made_at) if made_at else "",
        }

    def section(self, section: Section, most: int | None = None) -> SectionView:
        """A section with at most so many rows of each table."""
        return SectionView(
            section,
            tuple(self._figure(figure) for figure in section.figures),
            tuple(
                EquationView(one, side(one, left=True), side(one, left=False)) for one in section.equations
            ),
            tuple(_chart(chart) for chart in section.charts),
            tuple(self.table(table, table.rows[:most]) for table in section.tables),
        )

    def table(self, table: Table, rows: Sequence[Row]) -> TableView:
        """These rows of a table."""
        headings = [(column.title, "num" if column.type in AMOUNTS else "") for column in table.columns]
        has_evidence = any(row.evidence for row in table.rows)
        shown = []
        for row in rows:
            pairs = zip(table.columns, row.cells, strict=True)
            cells = [self._cell(column.title, cell, column.type) for column, cell in pairs]
            if has_evidence:
                cells.append(CellView("Evidence", tuple(self._pointer(each) for each in row.evidence)))
            shown.append(tuple(cells))
        if has_evidence:
            headings.append(("Evidence", ""))
        return TableView(table, tuple(headings), tuple(shown))

    def _figure(self, figure: Figure) -> FigureView:
        text = self.reader.text(figure.value, figure.type)
        evidence = tuple(self._pointer(each) for each in figure.evidence)
        return FigureView(figure, text, figure.as_expected is False, evidence)

    def _cell(self, heading: str, cell: Cell, type_: ColumnType) -> CellView:
        look = LOOKS.get(type_, "")
        if type_ is ColumnType.STATE and isinstance(cell, str) and cell:
            return CellView(heading, self._lines(cell, type_), look, cell)
        return CellView(heading, self._lines(cell, type_), look)

    def _lines(self, cell: Cell, type_: ColumnType) -> tuple[Line, ...]:
        texts = self.reader.lines(cell, type_)
        if type_ in (ColumnType.RUN, ColumnType.REQUEST, ColumnType.LPAR):
            names = cell if isinstance(cell, tuple) else (str(cell),)
            return tuple(Line(t, self.links(type_.value, name)) for t, name in zip(texts, names, strict=True))
        return tuple(Line(text) for text in texts)

    def _pointer(self, evidence: Evidence) -> Line:
        return Line(pointer(evidence), self.links(evidence.kind.value, evidence.ref))


def _chart(chart: Chart) -> ChartView:
    rows = [
        (label, tuple(value_of(chart, series.values[at]) for series in chart.series))
        for at, label in enumerate(chart.labels)
    ]
    return ChartView(chart, drawing_of(chart), drawing_of(chart, NARROW), tuple(rows))
