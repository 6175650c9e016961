"""Stored entries as plain rows, read in order and in pages, so that memory stays flat."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection

PAGE = 1_024
MEMBERS = (
    "i.content, i.leaf, i.mac, i.event, i.actor_kind, i.actor_id, i.channel, i.action, i.outcome, "
    "i.object, i.request, i.run, i.rs, i.epoch, CAST(i.at AS TEXT)"
)

PLACED = f"""
SELECT e.seq, e.leaf, e.intake_id, {MEMBERS}
FROM ledger_entry e LEFT JOIN ledger_intake i ON i.id = e.intake_id
WHERE e.seq >= %s ORDER BY e.seq LIMIT %s
"""  # noqa: S608 - column names above
WAITING = f"""
SELECT -1, i.leaf, i.id, {MEMBERS} FROM ledger_intake i
WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.intake_id = i.id) ORDER BY i.id
"""  # noqa: S608 - column names above


RawRow = tuple[Any, ...]
"""The members of a `StoredRow` in their order."""


class StoredRow(NamedTuple):
    """An entry as stored: its place (`seq` -1 while it waits), then the intake row's members.

    `content` is None where the intake row is missing. Members after it are copies for queries.
    """

    seq: int
    leaf: bytes
    intake: int
    content: bytes | None
    intake_leaf: bytes
    mac: bytes
    event: str
    actor_kind: str
    actor_id: str
    channel: str
    action: str
    outcome: str
    object: str
    request: str
    run: int | None
    rs: int | None
    epoch: int | None
    at: str


def instant(text: str) -> datetime:
    """A stored time, cast to text, as a moment. Raises ValueError when it is no time."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def placed_rows(start: int = 0) -> Iterator[StoredRow]:
    """Entries from position `start` on, in order, up to what is there when the end is reached."""
    for page in placed_pages(start):
        yield from map(StoredRow._make, page)


def placed_pages(start: int = 0) -> Iterator[list[RawRow]]:
    """The same in pages of at most `PAGE`, each row as the database gives it."""
    while page := _fetch(PLACED, [start, PAGE]):
        yield page
        if len(page) < PAGE:
            return
        start = page[-1][0] + 1


def waiting_rows() -> list[StoredRow]:
    """Entries that have no place yet, in order of entering."""
    return [StoredRow._make(row) for row in _fetch(WAITING, [])]


def _fetch(query: str, parameters: list[int]) -> list[RawRow]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        page: list[RawRow] = cursor.fetchall()
        return page
