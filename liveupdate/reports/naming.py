"""Who is behind the pseudonyms of a report, and who made it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from liveupdate.reports.document import Cell, ColumnType, Report
from portal.access.models import User
from portal.audit import provenance

PEOPLE = frozenset({ColumnType.PERSON, ColumnType.PEOPLE})


def signed(report: Report, made_by: str, made_at: datetime, *, names: bool = True) -> Report:
    """The report with who had it made, when, with which product, and (with `names`) who its people are."""
    named = User.objects.filter(public_id__in=set(_pseudonyms(report))) if names else User.objects.none()
    people = {each.public_id: str(each) for each in named.order_by("public_id")}
    product = f"Live Update portal, code {provenance.code().removeprefix('sha256:')}"
    return replace(report, people=people, made_at=made_at, made_by=made_by, product=product)


def _pseudonyms(report: Report) -> Iterator[str]:
    for section in report.sections:
        for table in section.tables:
            places = [at for at, column in enumerate(table.columns) if column.type in PEOPLE]
            for row in table.rows:
                for at in places:
                    yield from _texts(row.cells[at])


def _texts(cell: Cell) -> Iterator[str]:
    if isinstance(cell, str):
        yield cell
    elif isinstance(cell, tuple):
        yield from cell
