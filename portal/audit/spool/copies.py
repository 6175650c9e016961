"""Copies of entries in files of this process: on disk before what they announce is done."""

import errno
import os
import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from portal.audit.files import sync_directory, write_all
from portal.audit.merkle import leaf_hash
from portal.audit.spool.place import failed, make_folder, spool_directory
from portal.lib.clock import now

FOLDER = "entries"
SEGMENT = 256 * 1024
"""Bytes reserved for a file ahead, so that a write that reaches the disk changes its data alone."""


def line_of(content: bytes) -> bytes:
    """A copy as the spool holds it: the leaf hash of the entry in hex, a blank, its bytes, a line break."""
    return leaf_hash(content).hex().encode() + b" " + content + b"\n"


class _Segment:
    """One file. What a failed write or fsync left behind is never taken for written: it is given up."""

    def __init__(self, folder: Path, least: int) -> None:
        make_folder(folder)
        path = folder / f"{os.getpid()}-{secrets.token_hex(4)}.log"
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self.day = folder.name
        self.room = max(SEGMENT, least)
        self._syncing = threading.Lock()
        self.written = self._synced = 0
        self.given_up = False
        with suppress(OSError):
            os.posix_fallocate(self._handle, 0, self.room)
        os.fsync(self._handle)
        sync_directory(folder)

    def append(self, lines: bytes) -> int:
        """Write; returns the mark to `sync` up to. The caller lets nobody else append meanwhile."""
        try:
            write_all(self._handle, lines)
        except OSError:
            self.given_up = True
            raise
        self.room -= len(lines)
        self.written += len(lines)
        return self.written

    def sync(self, mark: int) -> None:
        """Return once everything up to `mark` is on disk; who comes second finds the work done."""
        with self._syncing:
            if self._synced >= mark:
                return
            if self.given_up:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            reached = self.written
            try:
                os.fdatasync(self._handle)
            except OSError:
                self.given_up = True
                raise
            self._synced = reached

    def __del__(self) -> None:
        """Nobody appends or waits any more."""
        if hasattr(self, "_handle"):
            os.close(self._handle)


class EntrySpool:
    """Appends entries to files of this process; callers that come together share one fsync.

    A new file begins each day, when one is full, and after every failure.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._writing = threading.Lock()
        self._segment: _Segment | None = None

    def keep(self, contents: Sequence[bytes], *, durably: bool) -> None:
        """Append copies; with `durably` they are on disk when this returns. Raises SpoolFailed."""
        lines = b"".join(map(line_of, contents))
        try:
            with self._writing:
                segment = self._segment_for(len(lines))
                mark = segment.append(lines)
            if durably:
                segment.sync(mark)
        except OSError as error:
            raise failed(error, "take a copy of what is to be sent") from error

    def _segment_for(self, length: int) -> _Segment:
        day, segment = now().date().isoformat(), self._segment
        if segment and not segment.given_up and segment.day == day and segment.room >= length:
            return segment
        self._segment = None
        if segment and not segment.given_up:
            segment.sync(segment.written)
        self._segment = _Segment(self._directory / FOLDER / day, length)
        return self._segment


@lru_cache(maxsize=8)
def _spool_at(directory: Path) -> EntrySpool:
    return EntrySpool(directory)


def entry_spool() -> EntrySpool:
    """The one of this process, in the directory that the settings name."""
    return _spool_at(spool_directory())
