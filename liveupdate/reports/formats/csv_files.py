"""Tables of a report as CSV (RFC 4180): for spreadsheets and for programs."""

import csv
import io
import zipfile
from collections.abc import Iterator

from liveupdate.reports.document import Cell, Column, ColumnType, Report, Row, Section, Share, Table
from portal.lib.canonical import canonical_json
from portal.web.exports import spreadsheet_safe

BOM = "\ufeff"
"""Some spreadsheets take a file without it for one in an old code page."""
_NAMED = (ColumnType.PERSON, ColumnType.PEOPLE)


def csv_of(table: Table, report: Report, *, bom: bool = False) -> bytes:
    """A table as UTF-8. Every cell is quoted, and none is a formula (threat T12).

    A share becomes two columns (`x`, `x_of`), a person a pseudonym and a name (`x`, `x_name`). Times are
    RFC 3339 in UTC; an empty cell is what is not known. The last column says where the evidence is.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(head_of(table))
    for row in table.rows:
        writer.writerow([spreadsheet_safe(cell) for cell in _cells(table, row, report)])
    return ((BOM if bom else "") + text.getvalue()).encode()


def head_of(table: Table) -> list[str]:
    """The names of the columns."""
    return [name for column in table.columns for name in _names(column)] + ["evidence"]


def tables_of(report: Report) -> Iterator[tuple[Section, Table, str]]:
    """Every table with its section and the name of its file."""
    for section in report.sections:
        for table in (*_made_tables(section), *section.tables):
            yield section, table, name_of(section, table)


def name_of(section: Section, table: Table) -> str:
    """The name of a table's file."""
    own = table.key.removeprefix(f"{section.key}.")
    return f"{section.number:02}-{section.key}-{own}.csv"


def zip_of(report: Report, *, bom: bool = False) -> bytes:
    """All tables in one zip, with the names of people and the digest; the same report, the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for _, table, name in tables_of(report):
            _add(archive, name, csv_of(table, report, bom=bom))
        _add(archive, "report.json", report.content)
        _add(archive, "people.json", canonical_json(dict(report.people)))
    return content.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def _names(column: Column) -> tuple[str, ...]:
    if column.type is ColumnType.SHARE:
        return column.key, f"{column.key}_of"
    return (column.key, f"{column.key}_name") if column.type in _NAMED else (column.key,)


def _cells(table: Table, row: Row, report: Report) -> Iterator[str | int]:
    for column, cell in zip(table.columns, row.cells, strict=True):
        yield from _parts(column, cell, report)
    yield "; ".join(f"{each.kind.value} {each.ref}" for each in row.evidence)


def _parts(column: Column, cell: Cell, report: Report) -> tuple[str | int, ...]:
    if column.type is ColumnType.SHARE:
        return (cell.part, cell.whole) if isinstance(cell, Share) else ("", "")
    if column.type in _NAMED:
        people = cell if isinstance(cell, tuple) else (str(cell or ""),)
        names = [report.people.get(person, person) for person in people]
        return "; ".join(people), "; ".join(names)
    return (_plain(cell),)


def _plain(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, tuple):
        return "; ".join(cell)
    return f"{cell.part} of {cell.whole}" if isinstance(cell, Share) else cell


def _made_tables(section: Section) -> Iterator[Table]:
    """Figures, equations, controls and charts as tables of their own."""
    if section.figures:
        yield _figures(section)
    if section.equations:
        cells = [(e.key, e.title, e.left_sum, e.right_sum, e.holds) for e in section.equations]
        yield _table("equations", ("key", "title", "left", "right", "holds"), [Row(each) for each in cells])
    if section.controls:
        rows = [Row((c.standard, c.name, c.asks, c.status.value, c.because)) for c in section.controls]
        yield _table("controls", ("standard", "name", "asks", "status", "because"), rows)
    for chart in section.charts:
        titles = ("label", *(series.title for series in chart.series))
        values = [(label, *(s.values[at] for s in chart.series)) for at, label in enumerate(chart.labels)]
        yield _table(f"chart-{chart.key}", titles, [Row(each) for each in values])


def _figures(section: Section) -> Table:
    names = ("key", "title", "value", "whole", "unit", "must_be", "denominator")
    rows = []
    for each in section.figures:
        value, whole = (
            (each.value.part, each.value.whole) if isinstance(each.value, Share) else (each.value, None)
        )
        cells = (each.key, each.title, value, whole, each.type.value, each.must_be, each.denominator)
        rows.append(Row(cells, each.evidence))
    return _table("figures", names, rows)


def _table(key: str, names: tuple[str, ...], rows: list[Row]) -> Table:
    return Table(key, key, tuple(Column(name, name) for name in names), tuple(rows))
