"""The output of one command on its way from the wire into rows and the ledger."""

import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from liveupdate.engine.backlog import Backlog, Piece, gap_of, joined, known_after, length_of, of_stream
from liveupdate.engine.claim import Claim, LostClaim
from liveupdate.engine.journal import Journal
from liveupdate.engine.live_log import Heard, LiveLog
from liveupdate.engine.overflow import End
from liveupdate.engine.reading import Pieces
from liveupdate.engine.redactor import Known, Redactor
from liveupdate.engine.stored_output import StoredOutput, stored_pieces
from liveupdate.models import OutputChunk, RunCommand, RunEvent
from portal import statements
from portal.audit.chunks import CHUNK_LIMIT, store_chunks
from portal.audit.events import Event
from portal.lib.canonical import digest
from portal.lib.clock import now
from portal.lib.errors import PortalError

STREAMS = ("stdout", "stderr")
ROW, ROWS = ("run", "command", "stream", "offset", "content", "received_at"), 32
BACKLOG, HURRY = 1024 * 1024, 256 * 1024
"""Bytes that may wait in memory before the reader has to, and that are written without waiting."""
SPILL_AFTER_S = 2.0
"""A reader that has to wait so long brings what waits to the spool, and goes on."""
HEAD = 256 * 1024
"""Bytes of each stream that stay in memory to be judged; what is longer is read from the record."""
LEDGER_BYTES, LEDGER_AGE = 1024 * 1024, timedelta(seconds=5)
"""An entry of output at most this often (whichever comes first)."""


class OutputGap(PortalError):
    """A piece of output does not join what was received before it."""

    code = "output_gap"


@dataclass(slots=True)
class _Stream:
    """One stream: how far it was received, stored and entered into the ledger, in bytes."""

    redactor: Redactor
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

    def store(self, content: bytes, length: int) -> None:
        """So many bytes are in the record; `content` are those of them that were not dropped."""
        self.stored += length
        self.hash.update(content)
        self.unrecorded += content

    def keep_unrecorded(self, count: int) -> None:
        """Only so many of the newest bytes are not yet in the ledger."""
        del self.unrecorded[: len(self.unrecorded) - max(0, count)]


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
        self._backlog = Backlog(command)
        self._entered_at = now()
        self._doubtful: Written | None = None
        self.end: End | None = None
        self._streams = {name: _Stream(Redactor(secrets)) for name in STREAMS}
        if resume:
            self._load()

    def _load(self) -> None:
        """Take up what an earlier worker stored of this command."""
        for name, recorded in zip(
            STREAMS, (self.command.stdout_recorded, self.command.stderr_recorded), strict=True
        ):
            stream = self._streams[name]
            stream.recorded = recorded
            for row in stored_pieces(self.command, name):
                content = bytes(row.content)
                stream.released = stream.stored = row.offset
                stream.store(content, len(content))
                stream.keep_unrecorded(stream.stored - recorded)
                stream.release(content)
                stream.redactor.recall(content)
                if self.log and name == "stdout":
                    self.log.recall(content)
            stream.stored = stream.released = getattr(self.command, f"{name}_bytes")
            stream.redactor.resume(Known.read(self.command.masked.get(name, {})))
        self._take_over()
        for stream in self._streams.values():
            stream.received = stream.released
        last = OutputChunk.objects.filter(command=self.command).order_by("-received_at").first()
        if last is not None:
            self._heard_at = last.received_at

    def _take_over(self) -> None:
        """Take up what an earlier worker kept in the spool and did not bring into the record."""
        for left in self._backlog.left():
            if isinstance(left, End):
                self.end = left
                continue
            kept, content = left
            held = self._streams[kept.stream]
            if kept.offset > held.released:
                return
            if kept.gap and kept.offset == held.released:
                held.released += kept.length
                held.redactor.resume(kept.known)
                self._backlog.add(gap_of(kept))
            elif rest := content[held.released - kept.offset :]:
                held.redactor.recall(rest)
                held.redactor.resume(kept.known)
                self._release(kept.stream, rest, kept.at, spooled=True)

    @property
    def offsets(self) -> dict[str, int]:
        """Where to go on reading each stream on the target."""
        return {name: stream.received for name, stream in self._streams.items()}

    @property
    def due(self) -> bool:
        """Whether there is something to write: output, or an entry for output stored a while ago."""
        with self._room:
            old = any(held.unrecorded for held in self._streams.values())
            return len(self._backlog) > 0 or (old and now() - self._entered_at >= LEDGER_AGE)

    def feed(self, stream: str, offset: int, data: bytes) -> None:
        """Take a piece as it arrives; waits while the record is too far behind and the spool is full.

        Raises OutputGap, and LostClaim when nobody will write it.
        """
        at, until = now(), time.monotonic() + SPILL_AFTER_S
        with self._room:
            held = self._streams[stream]
            if offset != held.received:
                raise OutputGap(
                    f"{stream} of command {self.command.number} goes on at {offset}, not at {held.received}."
                )
            held.received += len(data)
            self._release(stream, held.redactor.feed(data), at)
            self._heard_at, self._gap = at, False
            if self._backlog.in_memory >= HURRY:
                self.hurry.set()
            while self._backlog.in_memory > BACKLOG:
                if self.claim.lost.is_set():
                    raise LostClaim(self.claim.run_id, self.claim.epoch)
                if time.monotonic() > until:
                    self._backlog.spill()
                self._room.wait(0.2)

    def spill(self) -> None:
        """The record takes nothing now: keep what waits in the spool."""
        with self._room:
            self._backlog.spill()
            self._room.notify_all()

    def keep_end(self, end: End) -> None:
        """The command has ended, and the record does not take that now: the spool does, if it can."""
        with self._room:
            self._backlog.keep_end(end)

    def keep_gaps(self) -> None:
        """Nobody will see how the command ends, and the record takes nothing: the spool keeps what came."""
        with self._room:
            self._backlog.keep_gaps()

    def quiet(self) -> None:
        """Nothing more has been said up to now."""
        with self._room:
            self._heard_at, self._gap = now(), False

    def rewind(self) -> None:
        """Forget what was received and not yet released, because it will be read again."""
        with self._room:
            self._gap = True
            for stream in self._streams.values():
                stream.redactor.rewind()
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

    def _release(self, stream: str, content: bytes, at: datetime, *, spooled: bool = False) -> None:
        if not content:
            return
        held = self._streams[stream]
        self._backlog.add(
            Piece(stream, held.released, content, at, spooled=spooled, known=held.redactor.known)
        )
        held.release(content)
        if self.log and stream == "stdout":
            self.log.feed(content, Heard(at, self._heard_at, self._gap))

    def write(self) -> "Written":
        """Write what waits, inside the caller's transaction, which also stores the batch's chunks.

        Confirm with `written` after its commit.
        """
        self._settle()
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

    @property
    def backlog(self) -> bool:
        """Whether what waits takes more than one transaction."""
        with self._room:
            return self._backlog.is_long

    def _settle(self) -> None:
        """A transaction that failed may have been committed all the same: then it is not written again."""
        batch, self._doubtful = self._doubtful, None
        if batch is None or not batch.fields:
            return
        stored = RunCommand.objects.filter(pk=self.command.pk).values(*batch.fields).get()
        if stored == batch.fields:
            self.written(batch)

    def _write(self, *, ended: bool) -> "Written":
        with self._room:
            pieces = self._backlog.take()
            milestones = self.log.waiting if self.log else 0
        self._doubtful = batch = self._written(pieces, milestones, ended)
        return batch

    def _written(self, pieces: list[Piece], milestones: int, ended: bool) -> "Written":
        rows = self._rows(pieces)
        while some := list(islice(rows, ROWS)):
            statements.insert(OutputChunk, ROW, some)
        batch = Written(pieces, {name: of_stream(name, pieces) for name in STREAMS}, milestones, ended)
        batch.entered = self._due(batch, ended) or bool(pieces and pieces[0].gap)
        if batch.entered:
            self._enter(batch)
        if spooled := sum(len(piece.content) for piece in pieces if piece.spooled):
            self.journal.enter(Event.SPOOL_REPLAY, {"command": self.command.number, "bytes": spooled})
        for piece in pieces:
            if piece.gap:
                self._enter_gap(piece)
        if pieces or batch.entered:
            self._count(batch)
        if self.log:
            self.log.write(self.journal, milestones)
        return batch

    def written(self, batch: "Written") -> None:
        """The transaction of `batch` has been committed."""
        self._doubtful = None
        with self._room:
            self._backlog.done(len(batch.pieces), ended=batch.ended)
            for name, grown in batch.grown.items():
                held = self._streams[name]
                held.store(grown, length_of(name, batch.pieces))
                if batch.entered:
                    held.recorded = held.stored
                    held.unrecorded.clear()
            if batch.entered:
                self._entered_at = now()
            if self.log:
                self.log.written(batch.milestones)
            self._room.notify_all()

    def totals(self, batch: "Written") -> dict[str, dict[str, Any]]:
        """Length of each stream with `batch` included, and the digest of what was not dropped of it."""
        totals: dict[str, dict[str, Any]] = {}
        for name in STREAMS:
            held, grown = self._streams[name], batch.grown[name]
            whole = held.hash.copy()
            whole.update(grown)
            size = held.stored + length_of(name, batch.pieces)
            totals[name] = {"bytes": size, "digest": "sha256:" + whole.hexdigest()}
            if masked := held.redactor.masked:
                totals[name]["masked"] = masked
        return totals

    def _rows(self, pieces: list[Piece]) -> Iterator[tuple[Any, ...]]:
        for piece in joined(pieces):
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

    def _enter_gap(self, piece: Piece) -> None:
        """Say in the record which bytes came and were not kept."""
        end = piece.offset + piece.length
        gap: dict[str, str | int] = {"from": piece.offset, "to": end, "digest": piece.gap}
        place = {"command": self.command.number, "stream": piece.stream, "offset": piece.offset}
        self.journal.enter(Event.CMD_OUT, {**place, "bytes": 0, "chunks": [], "gap": gap})
        why = (
            f"Bytes {piece.offset} to {end} of {piece.stream} of command {self.command.number} came while "
            "the database was away and the spool was full: they were not kept."
        )
        self.journal.enter(Event.RUN_ALARM, {"why": why})
        self.journal.say(RunEvent.Kind.NOTE, {"text": why})

    def _count(self, batch: "Written") -> None:
        masked = {name: known_after(name, batch.pieces).document() for name in STREAMS}
        if said := {name: each for name, each in masked.items() if each}:
            batch.fields["masked"] = self.command.masked = self.command.masked | said
        for name in STREAMS:
            stored = self._streams[name].stored + length_of(name, batch.pieces)
            batch.fields[f"{name}_bytes"] = stored
            if batch.entered:
                batch.fields[f"{name}_recorded"] = stored


@dataclass(slots=True)
class Written:
    """What one transaction writes of a tape: also the chunks of its entries and its command's fields.

    `ended`: it records the end of the command, too.
    """

    pieces: list[Piece]
    grown: dict[str, bytes]
    milestones: int
    ended: bool = False
    entered: bool = False
    chunks: list[bytes] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
