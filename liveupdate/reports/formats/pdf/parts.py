"""The sections of a report as what stands on the pages of its PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    Paragraph,
    Spacer,
)

from liveupdate.reports.document import Chart, Report, Section, Status, Table
from liveupdate.reports.formats.drawing import drawing_of
from liveupdate.reports.formats.pdf.charts import chart_of
from liveupdate.reports.formats.pdf.fonts import printable
from liveupdate.reports.formats.pdf.styles import WIDE, WIDTH, style
from liveupdate.reports.formats.pdf.tables import (
    MOST_ROWS,
    Bad,
    Cells,
    Heading,
    groups_of,
    least_width,
    table_of,
)
from liveupdate.reports.formats.words import AMOUNTS, Reader, pointers, side, value_of

SHORT = 8
"""Labels up to which the values of a chart stand beside each other."""


def paragraph(text: str, name: str = "body") -> Paragraph:
    """Text that nothing in it can leave."""
    return Paragraph(escape(printable(text)).replace("\n", "<br/>"), style(name))


def titled(text: str, name: str, key: str) -> Paragraph:
    """A heading that the contents name: those of sections (h1) and of tables (h2)."""
    heading = paragraph(text, name)
    heading.listed = (0 if name == "h1" else 1, printable(text), key)
    return heading


@dataclass(frozen=True, slots=True)
class Grid:
    """A table in words; whether it is so wide that its page must lie."""

    headings: Sequence[Heading]
    rows: Sequence[Cells]
    lies: bool


class Parts:
    """Makes the flowables of a report's sections."""

    def __init__(self, report: Report) -> None:
        self.reader = Reader.of(report)
        self.lies = False

    def section(self, section: Section) -> Iterator[Flowable]:
        """One section with its heading."""
        tables = [self._grid_of(table) for table in section.tables]
        before = (*section.figures, *section.equations, *section.controls, *section.charts)
        yield from self._turn(lies=not before and bool(tables) and tables[0].lies)
        yield CondPageBreak(250)
        yield titled(f"{section.number}. {section.title}", "h1", section.key)
        yield paragraph(section.about)
        yield from self._figures(section)
        yield from self._equations(section)
        yield from self._controls(section)
        for chart in section.charts:
            yield from self._chart(chart)
        for table, grid in zip(section.tables, tables, strict=True):
            yield from self._table(f"{section.key}-{table.key}", table, grid)
        for note in section.notes:
            yield paragraph(f"Note: {note}", "muted")

    def end(self) -> Iterator[Flowable]:
        """What follows stands again."""
        yield from self._turn(lies=False)

    def _figures(self, section: Section) -> Iterator[Flowable]:
        rows: list[Cells] = []
        for each in section.figures:
            expected = {None: "", True: f"{each.must_be}", False: Bad(f"{each.must_be}, and is not")}
            value = self.reader.text(each.value, each.type)
            rows.append([[each.title], [value], [expected[each.as_expected]], [each.denominator]])
        headings = [Heading("Figure"), Heading("Value", number=True), Heading("Must be"), Heading("Of what")]
        yield from self._grid(headings, rows)

    def _equations(self, section: Section) -> Iterator[Flowable]:
        rows = [
            [
                [each.title, *([each.explained] if each.explained else [])],
                [side(each, left=True)],
                [side(each, left=False)],
                ["equal" if each.holds else Bad("NOT equal")],
            ]
            for each in section.equations
        ]
        headings = [Heading("Equation"), Heading("One side"), Heading("Other side"), Heading("Holds")]
        yield from self._grid(headings, rows)

    def _controls(self, section: Section) -> Iterator[Flowable]:
        rows = [
            [
                [each.standard],
                [each.name],
                [each.asks],
                [Bad(each.status) if each.status is Status.NOT_SATISFIED else each.status.value],
                [each.because],
            ]
            for each in section.controls
        ]
        titles = ("Standard", "Control", "What it asks", "Status", "Because")
        yield from self._grid([Heading(title) for title in titles], rows)

    def _chart(self, chart: Chart) -> Iterator[Flowable]:
        """The drawing and its values on one page."""
        parts = [paragraph(chart.title, "h2")]
        if chart.denominator:
            parts.append(paragraph(f"Of what: {chart.denominator}", "muted"))
        drawing = drawing_of(chart)
        if drawing is None:
            yield KeepTogether(
                [*parts, paragraph("There is nothing to draw: no value is above zero.", "muted")]
            )
            return
        values = [[value_of(chart, value) for value in series.values] for series in chart.series]
        if len(chart.labels) <= SHORT:
            headings = [Heading(""), *(Heading(label, number=True) for label in chart.labels)]
            names = [series.title for series in chart.series]
            rows = [[[name], *([value] for value in own)] for name, own in zip(names, values, strict=True)]
        else:
            headings = [Heading(""), *(Heading(series.title, number=True) for series in chart.series)]
            columns = list(zip(*values, strict=True))
            rows = [
                [[label], *([value] for value in own)]
                for label, own in zip(chart.labels, columns, strict=True)
            ]
        yield KeepTogether([*parts, chart_of(drawing, WIDTH), Spacer(1, 3), *self._grid(headings, rows)])

    def _table(self, key: str, table: Table, grid: Grid) -> Iterator[Flowable]:
        heading = titled(table.title, "h2", key)
        about = [paragraph(f"Of what: {table.denominator}", "muted")] if table.denominator else []
        yield from self._turn(lies=grid.lies)
        if not table.rows:
            yield KeepTogether([heading, *about, paragraph(table.empty, "muted")])
            return
        if len(table.rows) > MOST_ROWS:
            told = f"The first {MOST_ROWS:,} of {len(table.rows):,} rows. CSV and JSON hold all of them."
            about.append(paragraph(told, "muted"))
        yield CondPageBreak(90)
        yield from (heading, *about)
        width = WIDE if grid.lies else WIDTH
        groups = groups_of(grid.headings, grid.rows, width)
        for number, group in enumerate(groups, 1):
            if len(groups) > 1:
                told = f"Part {number} of {len(groups)}; each row begins with its {grid.headings[0].title}."
                yield paragraph(told, "muted")
            rows = [[row[at] for at in group] for row in grid.rows]
            yield from self._grid([grid.headings[at] for at in group], rows, width)

    def _grid_of(self, table: Table) -> Grid:
        headings = [Heading(column.title, number=column.type in AMOUNTS) for column in table.columns]
        shown = table.rows[:MOST_ROWS]
        rows: list[Cells] = [
            [
                self.reader.lines(cell, column.type)
                for cell, column in zip(row.cells, table.columns, strict=True)
            ]
            for row in shown
        ]
        if any(row.evidence for row in shown):
            headings.append(Heading("Evidence"))
            rows = [[*cells, pointers(row) or ("",)] for cells, row in zip(rows, shown, strict=True)]
        return Grid(headings, rows, lies=least_width(headings, rows) > WIDTH)

    def _turn(self, *, lies: bool) -> Iterator[Flowable]:
        """Go on on a page that lies, or on one that stands."""
        if lies is not self.lies:
            self.lies = lies
            yield NextPageTemplate("wide" if lies else "body")
            yield PageBreak()

    def _grid(
        self, headings: Sequence[Heading], rows: Sequence[Cells], width: float = WIDTH
    ) -> Iterator[Flowable]:
        if rows:
            yield table_of(headings, rows, width)
            yield Spacer(1, 8)
