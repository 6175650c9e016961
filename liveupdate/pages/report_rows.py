"""The rows of a report's table, as filters in the address leave them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.paginator import Page, Paginator

from liveupdate.reports.document import Cell, ColumnType, Row, Table
from liveupdate.reports.formats.words import Reader

PER_PAGE = 50
CHOSEN = frozenset({ColumnType.STATE, ColumnType.YES_NO})
"""Types of columns whose values one chooses from."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter by the values of one column."""

    name: str
    title: str
    values: tuple[str, ...]
    chosen: str


class RowFilter:
    """Words (`q`) that a row must hold, chosen values of columns (`is_KEY`), and the page."""

    def __init__(self, table: Table, reader: Reader, asked: Mapping[str, str]) -> None:
        self.table, self.reader = table, reader
        self.words = asked.get("q", "").strip()
        self.choices = [
            Choice(f"is_{column.key}", column.title, self._values(at), asked.get(f"is_{column.key}", ""))
            for at, column in enumerate(table.columns)
            if column.type in CHOSEN
        ]
        self.rows = [row for row in table.rows if self._holds(row)]
        self.page: Page[Row] = Paginator(self.rows, PER_PAGE).get_page(asked.get("page"))

    @property
    def is_set(self) -> bool:
        """Whether anything is left out."""
        return len(self.rows) < len(self.table.rows)

    def _text(self, cell: Cell, at: int) -> str:
        return self.reader.text(cell, self.table.columns[at].type)

    def _values(self, at: int) -> tuple[str, ...]:
        return tuple(sorted({self._text(row.cells[at], at) for row in self.table.rows}))

    def _holds(self, row: Row) -> bool:
        texts = {
            f"is_{column.key}": self._text(row.cells[at], at) for at, column in enumerate(self.table.columns)
        }
        if any(choice.chosen and texts[choice.name] != choice.chosen for choice in self.choices):
            return False
        return not self.words or any(self.words.lower() in text.lower() for text in texts.values())
