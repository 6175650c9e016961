"""Who is behind the pseudonyms of a report, and who made it."""

from collections.abc import Iterator
from dataclasses import replace

from liveupdate.reports.document import Cell, ColumnType, Report
from portal.access.models import User
from portal.audit import provenance
from portal.lib.clock import now

PEOPLE = frozenset({ColumnType.PERSON, ColumnType.PEOPLE})


def signed_by(report: Report, person: User) -> Report:
    """The report with the names of the people in it, and by whom it was made when with which product."""
    named = User.objects.filter(public_id__in=set(_pseudonyms(report)))
    people = {each.public_id: str(each) for each in named.order_by("public_id")}
    return replace(
        report, people=people, made_at=now(), made_by=person.public_id, product=f"code {provenance.code()}"
    )


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
