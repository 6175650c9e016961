"""Pieces of a command's output that wait for the record: in memory, or in the spool meanwhile."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liveupdate.engine.overflow import End, Kept, Overflow, SpoolFull
from liveupdate.engine.redactor import NOTHING, Known
from liveupdate.models import RunCommand
from portal.audit.chunks import CHUNK_LIMIT

log = logging.getLogger(__name__)
BATCH = 4 * 1024 * 1024
"""Bytes that one transaction takes."""


@dataclass(slots=True)
class Piece:
    """A piece that waits: in memory, in the spool (`kept`), or dropped. `spooled`: it lay in the spool.

    Of one that was dropped `hash` goes over its bytes, of which there are `dropped`; `gap` is the digest.
    `known` goes with its masked bytes.
    """

    stream: str
    offset: int
    content: bytes
    at: datetime
    kept: Kept | None = None
    dropped: int = 0
    gap: str = ""
    hash: Any = None
    taken: bool = False
    spooled: bool = False
    known: Known = NOTHING

    @property
    def length(self) -> int:
        """Its bytes on the target."""
        return self.dropped or (self.kept.length if self.kept else len(self.content))

    def drop(self, content: bytes) -> None:
        """These bytes are not kept, nor are those that were dropped before them."""
        self.hash = self.hash or hashlib.sha256()
        self.hash.update(content)
        self.dropped += len(content)
        self.gap = "sha256:" + self.hash.hexdigest()


def gap_of(kept: Kept) -> Piece:
    """The gap that a record of the spool tells of, or what became of bytes that it lost."""
    gap = kept.gap or kept.digest
    return Piece(
        kept.stream, kept.offset, b"", kept.at, dropped=kept.length, gap=gap, taken=True, known=kept.known
    )


class Backlog:
    """The pieces in their order. The caller lets one thread at a time in."""

    def __init__(self, command: RunCommand) -> None:
        self._name = f"command {command.number} of run {command.run_id}"
        self._can_be_read_again = bool(command.launch_key)
        self._overflow = Overflow(command)
        self._pieces: list[Piece] = []
        self._ended = False
        self.in_memory = 0

    def add(self, piece: Piece) -> None:
        """The next piece."""
        self._pieces.append(piece)
        self.in_memory += len(piece.content)

    def left(self) -> Iterator[tuple[Kept, bytes] | End]:
        """What an earlier worker kept and did not bring into the record, with its bytes, and how it ended."""
        for record in self._overflow.records():
            if isinstance(record, End):
                self._ended = True
                yield record
            else:
                yield record, b"" if record.gap else self._overflow.load(record)

    def __len__(self) -> int:
        return len(self._pieces)

    @property
    def is_long(self) -> bool:
        """Whether it takes more than one transaction."""
        return len(self._next()) < len(self._pieces) or any(piece.gap for piece in self._pieces)

    def spill(self) -> None:
        """Bring what is in memory to the spool.

        When that is full, what can be read again on the target waits; other pieces are dropped, and said.
        """
        for piece in list(self._pieces):
            if not (piece.kept or piece.gap) and not self._keep(piece):
                return
        try:
            self._overflow.sync(due_only=True)
        except SpoolFull:
            log.exception("the spool does not reach its disk: output of %s", self._name)

    def _keep(self, piece: Piece) -> bool:
        """Bring a piece out of memory; False when it has to stay there."""
        last = next(
            (each for each in reversed(self._pieces) if each.gap and each.stream == piece.stream), None
        )
        try:
            if last is None:
                piece.kept = self._overflow.keep(
                    piece.stream, piece.offset, piece.content, piece.at, piece.known
                )
            else:
                self._drop(piece, last)
        except SpoolFull:
            if self._can_be_read_again:
                return False
            log.exception("the spool is full: output of %s is dropped", self._name)
            self._drop(piece, None)
        return True

    def _drop(self, piece: Piece, before: Piece | None) -> None:
        """Drop a piece; it becomes a part of the gap before it, unless that is being written already."""
        content, piece.content = piece.content, b""
        self.in_memory -= len(content)
        if before is None or before.taken:
            piece.drop(content)
        else:
            before.drop(content)
            before.known = piece.known
            self._pieces.remove(piece)

    def keep_end(self, end: End) -> None:
        """The command has ended, and the record does not take that now: the spool does, if it can."""
        self.spill()
        try:
            self._overflow.keep_end(self._gaps(), end)
            self._ended = True
        except SpoolFull:
            log.exception("the spool is full: the end of %s is not kept", self._name)

    def keep_gaps(self) -> None:
        """No more of the command will be heard, and the record takes nothing now: the spool does."""
        self.spill()
        try:
            self._overflow.keep_gaps(self._gaps())
        except SpoolFull:
            log.exception("the spool is full: what was dropped of %s is not kept", self._name)

    def _gaps(self) -> list[Kept]:
        return [
            Kept(each.stream, each.offset, each.dropped, each.at, -1, "", each.gap, each.known)
            for each in self._pieces
            if each.gap
        ]

    def take(self) -> list[Piece]:
        """What the next transaction takes, with its bytes: a gap alone, or the pieces before the next one.

        What the spool does not give back any more is a gap. The pieces stay until `done`.
        """
        taken: list[Piece] = []
        for at, piece in enumerate(self._next()):
            piece.taken = True
            if piece.kept is None:
                taken.append(piece)
                continue
            try:
                content = self._overflow.load(piece.kept)
            except OSError:
                log.exception("the spool lost output of %s", self._name)
                self._pieces[at] = gap_of(piece.kept)
                return taken or [self._pieces[at]]
            taken.append(
                Piece(piece.stream, piece.offset, content, piece.at, spooled=True, known=piece.known)
            )
        return taken

    def _next(self) -> list[Piece]:
        size, chosen = 0, list[Piece]()
        for piece in self._pieces:
            if chosen and (piece.gap or chosen[0].gap or size + piece.length > BATCH):
                break
            size += piece.length
            chosen.append(piece)
        return chosen

    def done(self, count: int, *, ended: bool) -> None:
        """The first pieces are in the record; the spool's file goes when the record holds all of it."""
        done, self._pieces = self._pieces[:count], self._pieces[count:]
        self.in_memory -= sum(len(piece.content) for piece in done)
        whole = not self._ended and not any(piece.kept for piece in self._pieces)
        if ended or (whole and any(piece.kept for piece in done)):
            self._overflow.forget()


def of_stream(stream: str, pieces: list[Piece]) -> bytes:
    """The bytes of a stream in these pieces."""
    return b"".join(piece.content for piece in pieces if piece.stream == stream)


def known_after(stream: str, pieces: list[Piece]) -> Known:
    """What goes with the masked bytes of a stream up to the last of these pieces."""
    return next((piece.known for piece in reversed(pieces) if piece.stream == stream), NOTHING)


def length_of(stream: str, pieces: list[Piece]) -> int:
    """Bytes of a stream in these pieces, those that were dropped included."""
    return sum(piece.length for piece in pieces if piece.stream == stream)


def joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one stream as one piece, so that a flush is few rows; gaps give none."""
    together: list[Piece] = []
    for piece in pieces:
        last = together[-1] if together else None
        if piece.gap:
            continue
        if last and last.stream == piece.stream and len(last.content) + len(piece.content) <= CHUNK_LIMIT:
            together[-1] = Piece(last.stream, last.offset, last.content + piece.content, last.at)
        else:
            together.append(piece)
    return together
