"""The rows of a list as a file: the same columns, filters and order as on the page."""

import csv
import io
import json
from datetime import datetime
from typing import Any

from django.http import HttpResponse

from portal.lib.clock import rfc3339
from portal.lib.errors import Invalid
from portal.web.tables import PortalTable

LIMIT = 100_000
"""Rows that one file may hold."""

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n", "\0")
"""What begins a formula, in its full-width form too, or what a spreadsheet may drop in front of one."""


def export(table: PortalTable, kind: str, name: str) -> HttpResponse:
    """All rows of `table` as `NAME.csv` or `NAME.json`.

    Raises Invalid for another kind, and for more rows than `LIMIT`: a part would pass for the whole.
    """
    writers = {"csv": (_csv, "text/csv; charset=utf-8"), "json": (_json, "application/json")}
    if kind not in writers:
        raise Invalid(f"Lists are exported as csv or json, not as {kind}.", code="export_format_unknown")
    if len(table.data.data[: LIMIT + 1]) > LIMIT:
        raise Invalid(
            f"The list has more than {LIMIT:,} rows.",
            remedy="Narrow it by a filter and export again.",
            code="list_too_long",
        )
    write, content_type = writers[kind]
    columns = [column.name for column in table.columns if not column.column.exclude_from_export]
    rows = [[_plain(row.get_cell_value(column)) for column in columns] for row in table.rows]
    response = HttpResponse(write(columns, rows), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def spreadsheet_safe(value: Any) -> Any:
    """`value`, with text that a spreadsheet would take for a formula led by an apostrophe (ASVS 1.2.10)."""
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value


def _csv(columns: list[str], rows: list[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([spreadsheet_safe(value) for value in row] for row in rows)
    return text.getvalue()


def _json(columns: list[str], rows: list[list[Any]]) -> str:
    return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False, indent=1)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    return rfc3339(value) if isinstance(value, datetime) else str(value)
