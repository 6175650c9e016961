"""Output of one command on the spool's disk, while the database is away: kept until it is in the record.

The file holds records in the order they came: a line of canonical JSON, and after one that says `bytes` so
many bytes and a line break. `{"end":…}` is the exit status as it was seen. Everything in it is redacted.
"""

import json
import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from liveupdate.engine.redactor import NOTHING, Known
from liveupdate.models import RunCommand
from portal.audit.files import sync_directory, write_all
from portal.audit.spool.place import MB, OUTPUT, make_folder, spool_directory
from portal.lib.canonical import canonical_json, digest

RESERVE = 4096
SYNC_BYTES, SYNC_S = 64 * 1024, 1.0
"""A loss of power takes at most so much of what was kept, whichever comes first."""


class SpoolFull(Exception):
    """Nothing more fits: the bound is reached, or the disk refuses."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece of a stream in the file; with `gap` its bytes were dropped, and `gap` is their digest.

    `place` is where its bytes begin in the file, `known` what goes with masked bytes of it.
    """

    stream: str
    offset: int
    length: int
    at: datetime
    place: int
    digest: str
    gap: str = ""
    known: Known = NOTHING


@dataclass(frozen=True, slots=True)
class End:
    """How the command ended, as its worker saw it; `problem` is why that is a failure, if it knew."""

    status: int | None
    problem: str


class _Budget:
    """How much output all files of this process may hold together; gaps and ends are told beyond it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0

    def take(self, count: int) -> None:
        """Raises SpoolFull."""
        with self._lock:
            if self._taken + count > settings.PORTAL_SPOOL_MB * MB:
                raise SpoolFull
            self._taken += count

    def give_back(self, count: int) -> None:
        with self._lock:
            self._taken -= count


_budget = _Budget()


def overflow_file(command: RunCommand) -> Path:
    """Where the output of a command would be kept."""
    return spool_directory() / OUTPUT / f"run-{command.run_id}-command-{command.number}.log"


class Overflow:
    """The file of one command. One thread at a time works with it.

    Ahead of its end it reserves room on the disk, so that gaps and the command's end always find a place.
    """

    def __init__(self, command: RunCommand) -> None:
        self.path = overflow_file(command)
        self._budget = _budget
        self._handle = -1
        self._size = self._taken = self._unsynced = 0
        self._synced_at = time.monotonic()

    def keep(self, stream: str, offset: int, content: bytes, at: datetime, known: Known) -> Kept:
        """Append a piece. Raises SpoolFull."""
        name = digest(content)
        head = {
            "stream": stream,
            "offset": offset,
            "bytes": len(content),
            "at": at.isoformat(),
            "digest": name,
            "known": known.document(),
        }
        line = canonical_json(head) + b"\n"
        self._budget.take(len(content))
        try:
            self._reserve(len(line) + len(content) + 1)
            place = self._append(line + content + b"\n") + len(line)
        except SpoolFull:
            self._budget.give_back(len(content))
            raise
        self._taken += len(content)
        if self._unsynced >= SYNC_BYTES:
            self.sync()
        return Kept(stream, offset, len(content), at, place, name, known=known)

    def keep_end(self, gaps: Iterable[Kept], end: End) -> None:
        """The command has ended, after these gaps; on disk when this returns. Raises SpoolFull."""
        self._keep_last([*_told(gaps), {"end": {"status": end.status, "problem": end.problem}}])

    def keep_gaps(self, gaps: Iterable[Kept]) -> None:
        """No more will come after these gaps; on disk when this returns. Raises SpoolFull."""
        self._keep_last(_told(gaps))

    def _keep_last(self, said: list[dict[str, Any]]) -> None:
        if self._handle < 0:
            self._reserve(0)
        self._append(b"".join(canonical_json(each) + b"\n" for each in said))
        self.sync()

    def sync(self, *, due_only: bool = False) -> None:
        """Bring what was kept onto the disk; with `due_only` when there is enough of it, or it is old.

        Raises SpoolFull.
        """
        if self._handle < 0 or not self._unsynced:
            return
        old = time.monotonic() - self._synced_at >= SYNC_S
        if due_only and self._unsynced < SYNC_BYTES and not old:
            return
        try:
            os.fdatasync(self._handle)
        except OSError as error:
            raise SpoolFull from error
        self._unsynced, self._synced_at = 0, time.monotonic()

    def load(self, kept: Kept) -> bytes:
        """The bytes of a piece. Raises OSError when they are not as they were written."""
        with self.path.open("rb") as stream:
            stream.seek(kept.place)
            content = stream.read(kept.length)
        if digest(content) != kept.digest:
            raise OSError(f"{self.path} is damaged at byte {kept.place}.")
        return content

    def records(self) -> Iterator[Kept | End]:
        """What an earlier worker left, as far as it is whole; what is kept from now on follows it."""
        if not self.path.exists():
            return
        with self.path.open("rb") as stream:
            while line := stream.readline():
                try:
                    head = json.loads(line)
                except ValueError:
                    return
                if "end" in head:
                    record: Kept | End = End(head["end"]["status"], head["end"]["problem"])
                else:
                    record = _record(head, stream.tell())
                    if not record.gap:
                        if digest(stream.read(record.length)) != record.digest:
                            return
                        stream.read(1)
                self._size = stream.tell()
                yield record

    def forget(self) -> None:
        """The record holds it all: the file goes."""
        self._close()
        self._size = 0
        self.path.unlink(missing_ok=True)

    def _reserve(self, count: int) -> None:
        """Make sure that so many bytes fit, and after them what must always fit. Raises SpoolFull."""
        try:
            if self._handle < 0:
                make_folder(self.path.parent)
                flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
                self._handle = os.open(self.path, flags, 0o600)
                sync_directory(self.path.parent)
            os.posix_fallocate(self._handle, self._size, count + RESERVE)
        except OSError as error:
            raise SpoolFull from error

    def _append(self, content: bytes) -> int:
        """Write where the file's records end; returns that place. Raises SpoolFull."""
        place = self._size
        try:
            os.lseek(self._handle, place, os.SEEK_SET)
            write_all(self._handle, content)
        except OSError as error:
            raise SpoolFull from error
        self._size += len(content)
        self._unsynced += len(content)
        return place

    def _close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        self._budget.give_back(self._taken)
        self._taken = 0

    def __del__(self) -> None:
        self._close()


def _told(gaps: Iterable[Kept]) -> list[dict[str, Any]]:
    return [
        {
            "stream": gap.stream,
            "offset": gap.offset,
            "dropped": gap.length,
            "at": gap.at.isoformat(),
            "gap": gap.gap,
            "known": gap.known.document(),
        }
        for gap in gaps
    ]


def _record(head: dict[str, Any], place: int) -> Kept:
    at, length = datetime.fromisoformat(head["at"]), int(head.get("bytes", head.get("dropped", 0)))
    named = (head.get("digest", ""), head.get("gap", ""))
    known = Known.read(head.get("known", {}))
    return Kept(head["stream"], head["offset"], length, at, place, *named, known)
