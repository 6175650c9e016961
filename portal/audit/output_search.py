"""Looks for words in the output that entries hold digests of: the bytes are compressed, so each is read."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from portal.audit.chunks import open_chunk
from portal.audit.events import Event
from portal.audit.models import Chunk, Intake

MOST_BYTES = 64 * 1024 * 1024
MOST_SECONDS = 2.0
MOST_FOUND = 1_000
PAGE = 100


@dataclass(frozen=True, slots=True)
class Found:
    """Entries of output that hold the words; `back_to` says how far was looked, None: to the beginning."""

    entries: Sequence[int]
    back_to: datetime | None


class _Piece(NamedTuple):
    entry: int
    at: datetime
    stream: tuple[int | None, int, str]
    chunks: tuple[str, ...]


def find_in_output(rows: QuerySet[Intake], words: str) -> Found:
    """Search the output of the commands among `rows`, the newest first, as long as a page may take.

    Words that two neighbouring entries share are found with the earlier one.
    """
    sought, started, read = words.encode(), time.monotonic(), 0
    found: list[int] = []
    later: dict[tuple[int | None, int, str], bytes] = {}
    for piece, text in _texts(rows):
        if sought in text + later.get(piece.stream, b""):
            found.append(piece.entry)
        later[piece.stream] = text[: len(sought) - 1]
        read += len(text)
        enough = read > MOST_BYTES or len(found) >= MOST_FOUND
        if enough or time.monotonic() - started > MOST_SECONDS:
            return Found(found, piece.at)
    return Found(found, None)


def _texts(rows: QuerySet[Intake]) -> Iterator[tuple[_Piece, bytes]]:
    """Each entry of output, newest first, with its bytes."""
    outputs = rows.filter(event=Event.CMD_OUT).order_by("-id")
    below: int | None = None
    while True:
        page = [_piece(row) for row in (outputs if below is None else outputs.filter(pk__lt=below))[:PAGE]]
        names = {name for piece in page for name in piece.chunks}
        stored = dict(Chunk.objects.filter(digest__in=names).values_list("digest", "content"))
        for piece in page:
            yield piece, b"".join(_opened(name, stored) for name in piece.chunks)
        if len(page) < PAGE:
            return
        below = page[-1].entry


def _piece(row: Intake) -> _Piece:
    data = json.loads(bytes(row.content))["d"]
    stream = (row.run, int(data["command"]), str(data["stream"]))
    return _Piece(row.pk, row.at, stream, tuple(data["chunks"]))


def _opened(name: str, stored: Mapping[str, bytes | memoryview]) -> bytes:
    """What stands behind a digest; nothing where it was pruned."""
    return open_chunk(name, bytes(stored[name])) if name in stored else b""
