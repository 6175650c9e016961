"""The output of one command on its way from the wire into rows and the ledger."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from liveupdate.engine.claim import Claim
from liveupdate.engine.journal import Journal
from liveupdate.engine.live_log import Heard, LiveLog
from liveupdate.engine.reading import Pieces
from liveupdate.models import OutputChunk, RunCommand
from portal import statements
from portal.audit.chunks import CHUNK_LIMIT, store_chunks
from portal.audit.events import Event
from portal.lib.canonical import digest
from portal.lib.clock import now
from portal.lib.errors import PortalError
from portal.lib.redaction import StreamRedactor

STREAMS = ("stdout", "stderr")
ROW, ROWS = ("run", "command", "stream", "offset", "content", "received_at"), 32
BACKLOG, HURRY = 1024 * 1024, 256 * 1024
"""Bytes that may wait for the database before the reader has to, and that are written without waiting."""
HEAD = 256 * 1024
"""Bytes of each stream that stay in memory to be judged; what is longer is read from the record."""
LEDGER_BYTES, LEDGER_AGE = 1024 * 1024, timedelta(seconds=5)
"""An entry of output at most this often (whichever comes first)."""


class OutputGap(PortalError):
    """A piece of output does not join what was received before it."""

    code = "output_gap"


@dataclass(slots=True)
class _Piece:
    stream: str
    offset: int
    content: bytes
    at: datetime


@dataclass(slots=True)
class _Stream:
    """One stream: how far it was received, stored and entered into the ledger, in bytes."""

    redactor: StreamRedactor
    received: int = 0
    released: int = 0
    stored: int = 0
    recorded: int = 0
    unrecorded: bytearray = field(default_factory=bytearray)
    head: bytearray = field(default_factory=bytearray)
    hash: Any = field(default_factory=hashlib.sha256)

    def release(self, content: bytes) -> None:
        """This much more is decided; its beginning stays in memory."""
        self.released += len(content)
        self.head += content[: HEAD - len(self.head)]


class Tape:
    """Takes what a command prints, redacts it, and writes it in few and whole transactions.

    The reader feeds it; the flusher, and at the end the executor, write it, under `writing` and in
    a transaction of the claim that the tape belongs to. Redaction keeps the length, so a stored
    offset is the target's.
    """

    def __init__(
        self,
        claim: Claim,
        journal: Journal,
        command: RunCommand,
        secrets: tuple[str, ...],
        log: LiveLog | None = None,
        *,
        resume: bool = False,
    ) -> None:
        self.claim = claim
        self.journal = journal
        self.command = command
        self.log = log
        self._heard_at = now()
        self._gap = True
        self.writing = threading.Lock()
        self.hurry = threading.Event()
        self._room = threading.Condition()
        self._pending: list[_Piece] = []
        self._waiting = 0
        self._entered_at = now()
        self._secrets = secrets
        self._streams = {name: _Stream(self._redactor()) for name in STREAMS}
        if resume:
            self._load()

    def _redactor(self) -> StreamRedactor:
        return StreamRedactor(self._secrets, keep_length=True)

    def _load(self) -> None:
        """Take up what an earlier worker stored of this command."""
        for name, recorded in zip(
            STREAMS, (self.command.stdout_recorded, self.command.stderr_recorded), strict=True
        ):
            stream = self._streams[name]
            stream.recorded = recorded
            for content in stored_output(self.command, name):
                stream.hash.update(content)
                start = max(0, recorded - stream.stored)
                stream.unrecorded += content[start:]
                stream.stored += len(content)
                stream.release(content)
                if self.log and name == "stdout":
                    self.log.recall(content)
            stream.received = stream.released
        last = OutputChunk.objects.filter(command=self.command).order_by("-received_at").first()
        if last is not None:
            self._heard_at = last.received_at

    @property
    def offsets(self) -> dict[str, int]:
        """Where to go on reading each stream on the target."""
        return {name: stream.received for name, stream in self._streams.items()}

    @property
    def due(self) -> bool:
        """Whether there is something to write: output, or an entry for output stored a while ago."""
        with self._room:
            old = any(held.unrecorded for held in self._streams.values())
            return bool(self._pending) or (old and now() - self._entered_at >= LEDGER_AGE)

    def feed(self, stream: str, offset: int, data: bytes) -> None:
        """Take a piece as it arrives; waits while the database is too far behind.

        Raises OutputGap, and LostClaim when nobody will write it.
        """
        at = now()
        with self._room:
            held = self._streams[stream]
            if offset != held.received:
                raise OutputGap(f"{stream} of {self.command} goes on at {offset}, not at {held.received}.")
            held.received += len(data)
            self._release(stream, held.redactor.feed(data), at)
            self._heard_at, self._gap = at, False
            if self._waiting >= HURRY:
                self.hurry.set()
            while self._waiting > BACKLOG:
                self.claim.check()
                self._room.wait(0.2)

    def quiet(self) -> None:
        """Nothing more has been said up to now."""
        with self._room:
            self._heard_at, self._gap = now(), False

    def rewind(self) -> None:
        """Forget what was received and not yet released, because it will be read again."""
        with self._room:
            self._gap = True
            for stream in self._streams.values():
                stream.redactor = self._redactor()
                stream.received = stream.released

    @property
    def long(self) -> bool:
        """Whether a stream is longer than what stays in memory."""
        return any(held.released > HEAD for held in self._streams.values())

    def output(self, stream: str) -> Pieces:
        """What a stream says; a long one is read from the record, so it must be written first."""
        held = self._streams[stream]
        return [bytes(held.head)] if held.released <= HEAD else StoredOutput(self.command, stream)

    def close(self) -> None:
        """Release what redaction held back: the streams have ended."""
        with self._room:
            for name, held in self._streams.items():
                self._release(name, held.redactor.flush(), now())

    def _release(self, stream: str, content: bytes, at: datetime) -> None:
        if not content:
            return
        held = self._streams[stream]
        self._pending.append(_Piece(stream, held.released, content, at))
        held.release(content)
        self._waiting += len(content)
        if self.log and stream == "stdout":
            self.log.feed(content, Heard(at, self._heard_at, self._gap))

    def write(self) -> "Written":
        """Write what waits, inside the caller's transaction, which also stores the batch's chunks.

        Confirm with `written` after its commit.
        """
        batch = self._write(ended=False)
        if batch.fields:
            RunCommand.objects.filter(pk=self.command.pk).update(**batch.fields)
        return batch

    def write_end(self) -> "Written":
        """Write the last of the tape, in the transaction that records its command's end with its fields."""
        self.close()
        batch = self._write(ended=True)
        store_chunks(batch.chunks)
        return batch

    def _write(self, *, ended: bool) -> "Written":
        with self._room:
            pieces = list(self._pending)
            milestones = self.log.waiting if self.log else 0
        for rows in batched(self._rows(pieces), ROWS):
            statements.insert(OutputChunk, ROW, rows)
        batch = Written(pieces, {name: _of(name, pieces) for name in STREAMS}, milestones)
        batch.entered = self._due(batch, ended)
        if batch.entered:
            self._enter(batch)
        if pieces or batch.entered:
            self._count(batch)
        if self.log:
            self.log.write(self.journal, milestones)
        return batch

    def written(self, batch: "Written") -> None:
        """The transaction of `batch` has been committed."""
        with self._room:
            del self._pending[: len(batch.pieces)]
            self._waiting -= sum(len(piece.content) for piece in batch.pieces)
            for name, grown in batch.grown.items():
                held = self._streams[name]
                held.stored += len(grown)
                held.hash.update(grown)
                held.unrecorded += grown
                if batch.entered:
                    held.recorded += len(held.unrecorded)
                    held.unrecorded.clear()
            if batch.entered:
                self._entered_at = now()
            if self.log:
                self.log.written(batch.milestones)
            self._room.notify_all()

    def totals(self, batch: "Written") -> dict[str, dict[str, int | str]]:
        """Length and digest of each stream with `batch` included."""
        totals: dict[str, dict[str, int | str]] = {}
        for name in STREAMS:
            held, grown = self._streams[name], batch.grown[name]
            whole = held.hash.copy()
            whole.update(grown)
            totals[name] = {"bytes": held.stored + len(grown), "digest": "sha256:" + whole.hexdigest()}
        return totals

    def _rows(self, pieces: list[_Piece]) -> Iterator[tuple[Any, ...]]:
        for piece in _joined(pieces):
            for start in range(0, len(piece.content), CHUNK_LIMIT):
                content = piece.content[start : start + CHUNK_LIMIT]
                place = (self.claim.run_id, self.command.pk, piece.stream, piece.offset + start)
                yield (*place, content, piece.at)

    def _due(self, batch: "Written", ended: bool) -> bool:
        size = sum(len(self._streams[name].unrecorded) + len(batch.grown[name]) for name in STREAMS)
        return size > 0 and (ended or size >= LEDGER_BYTES or now() - self._entered_at >= LEDGER_AGE)

    def _enter(self, batch: "Written") -> None:
        for name in STREAMS:
            held = self._streams[name]
            content = bytes(held.unrecorded) + batch.grown[name]
            if not content:
                continue
            pieces = [content[at : at + CHUNK_LIMIT] for at in range(0, len(content), CHUNK_LIMIT)]
            data = {
                "command": self.command.number,
                "stream": name,
                "offset": held.recorded,
                "bytes": len(content),
                "chunks": [digest(piece) for piece in pieces],
            }
            batch.chunks.extend(pieces)
            self.journal.enter(Event.CMD_OUT, data)

    def _count(self, batch: "Written") -> None:
        for name in STREAMS:
            stored = self._streams[name].stored + len(batch.grown[name])
            batch.fields[f"{name}_bytes"] = stored
            if batch.entered:
                batch.fields[f"{name}_recorded"] = stored


@dataclass(slots=True)
class Written:
    """What one transaction writes of a tape: also the chunks of its entries and its command's fields."""

    pieces: list[_Piece]
    grown: dict[str, bytes]
    milestones: int
    entered: bool = False
    chunks: list[bytes] = field(default_factory=list)
    fields: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """The stored pieces of a stream, in order, as often as it is iterated."""

    command: RunCommand
    stream: str

    def __iter__(self) -> Iterator[bytes]:
        rows = OutputChunk.objects.filter(command=self.command, stream=self.stream).order_by("offset")
        for content in rows.values_list("content", flat=True).iterator(chunk_size=16):
            yield bytes(content)


def stored_output(command: RunCommand, stream: str) -> StoredOutput:
    """The stored pieces of a stream, in order."""
    return StoredOutput(command, stream)


def _of(stream: str, pieces: list[_Piece]) -> bytes:
    return b"".join(piece.content for piece in pieces if piece.stream == stream)


def batched(rows: Iterator[tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """At most `size` rows at a time."""
    while batch := list(islice(rows, size)):
        yield batch


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Neighbours of one stream as one piece, so that a flush is few rows."""
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and last.stream == piece.stream and len(last.content) + len(piece.content) <= CHUNK_LIMIT:
            joined[-1] = _Piece(last.stream, last.offset, last.content + piece.content, last.at)
        else:
            joined.append(piece)
    return joined
