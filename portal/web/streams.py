"""Server-sent events: one thread per process reads the database for every open page.

A page's stream resumes where the browser left off (`Last-Event-ID`), so a dropped connection loses
nothing, and the same stream serves what was, what is, and the record afterwards.
"""

import asyncio
import logging
import re
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, connections
from django.http import HttpRequest, StreamingHttpResponse

from portal.lib.errors import Invalid
from portal.web.bell import Listener

Cursor = tuple[int, ...]
"""How far a stream was read, e.g. the ids of the last chunk and the last event; `()` is the start."""

END = "end"
"""The event after which there will be none: the stream closes and the browser does not come back."""

POLL_S = 0.25
CHECK_S = 15.0
HEARTBEAT_S = 15.0
BATCH = 50
BACKLOG = 2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event. `id` is the cursor after it, `data` any text (JSON by habit)."""

    id: Cursor
    event: str
    data: str


class Feed(Protocol):
    """What a page subscribes to. Feeds of one `name` are read once for all their readers.

    `fetch` gives at most `limit` events after a cursor, oldest first, with growing ids; what it
    leaves out for being older than a cursor it gave is never seen. It runs in the pump's thread,
    may use the database, and should take milliseconds.
    """

    @property
    def name(self) -> str:
        """Names the subject, e.g. `run:17`."""
        ...

    def fetch(self, after: Cursor, limit: int) -> list[StreamEvent]:
        """The next events."""
        ...


class EventStreamResponse(StreamingHttpResponse):
    """The live stream of `feed` for a view that has checked the rights of `request.user`.

    While it is open, the session and `allowed` are asked again every 15 s; when one of them says
    no, the stream closes. Raises Invalid for a cursor that is none.
    """

    def __init__(
        self, request: HttpRequest, feed: Feed, *, allowed: Callable[[], bool] = lambda: True
    ) -> None:
        after = parse_cursor(request.headers.get("Last-Event-ID") or request.GET.get("after", ""))
        key = request.session.session_key or ""
        reader = _Reader(feed, after, lambda: _signed_in(key) and allowed())
        super().__init__(_events(reader), content_type="text/event-stream")
        self["Cache-Control"] = "no-store"
        self["X-Accel-Buffering"] = "no"


def parse_cursor(text: str) -> Cursor:
    """A cursor from its text form, `12.7`. Raises Invalid for anything else."""
    if not re.fullmatch(r"(\d{1,18}(\.\d{1,18}){0,3})?", text, re.ASCII):
        raise Invalid(
            "The position in the stream is not one that this portal gave.",
            remedy="Reload the page.",
            code="stream_position_unknown",
        )
    return tuple(int(part) for part in text.split(".")) if text else ()


def encode(event: StreamEvent) -> bytes:
    """`event` in the wire form of server-sent events; line breaks in `data` survive."""
    position = ".".join(str(part) for part in event.id)
    data = "".join(f"data: {line}\n" for line in re.split(r"\r\n|\r|\n", event.data))
    return f"id: {position}\nevent: {event.event}\n{data}\n".encode()


@dataclass(eq=False, slots=True)
class _Reader:
    """One open stream: where it stands, and the queue into its event loop."""

    feed: Feed
    cursor: Cursor
    allowed: Callable[[], bool]
    queue: asyncio.Queue[list[StreamEvent] | None] = field(default_factory=asyncio.Queue)
    loop: asyncio.AbstractEventLoop | None = None
    check_at: float = field(default_factory=lambda: time.monotonic() + CHECK_S)

    def give(self, batch: list[StreamEvent] | None) -> None:
        """Hand a batch over to the stream; None closes it. Called by the pump."""
        if self.loop is None or self.loop.is_closed():
            return
        self.loop.call_soon_threadsafe(self.queue.put_nowait, batch)
        if batch:
            self.cursor = batch[-1].id


class Pump:
    """The one reader of the database for all streams of this process; runs while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: set[_Reader] = set()
        self._running = False
        self._listener = Listener()

    def add(self, reader: _Reader) -> None:
        """Start serving a stream."""
        with self._lock:
            self._readers.add(reader)
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="event-stream-pump", daemon=True).start()
        self._listener.wake(reader.feed.name)

    def remove(self, reader: _Reader) -> None:
        """Stop serving a stream."""
        with self._lock:
            self._readers.discard(reader)

    def _run(self) -> None:
        finished = False
        try:
            while readers := self._present():
                names = self._listener.wait(POLL_S)
                _check_rights(readers)
                due = [reader for reader in readers if names is None or reader.feed.name in names]
                _read(due, self._listener)
            finished = True
        finally:
            connections.close_all()
            if not finished:
                self._abandon()

    def _abandon(self) -> None:
        """Close every stream, so that browsers come back to a new pump."""
        with self._lock:
            readers, self._readers, self._running = self._readers, set(), False
        for reader in readers:
            reader.give(None)

    def _present(self) -> list[_Reader]:
        with self._lock:
            if not self._readers:
                self._running = False
            return list(self._readers)


def _read(readers: Iterable[_Reader], listener: Listener) -> None:
    groups: dict[tuple[str, Cursor], list[_Reader]] = defaultdict(list)
    for reader in readers:
        if reader.queue.qsize() < BACKLOG:
            groups[reader.feed.name, reader.cursor].append(reader)
    for (name, cursor), members in groups.items():
        try:
            batch = members[0].feed.fetch(cursor, BATCH)
        except DatabaseError as error:
            log.warning("stream %s could not be read and is tried again: %s", name, error)
            connections.close_all()
            return
        for reader in members if batch else ():
            reader.give(batch)
        if len(batch) == BATCH:
            listener.wake(name)


def _check_rights(readers: Iterable[_Reader]) -> None:
    now = time.monotonic()
    for reader in readers:
        if now < reader.check_at:
            continue
        reader.check_at = now + CHECK_S
        try:
            allowed = reader.allowed()
        except DatabaseError as error:
            log.warning("rights of a stream could not be checked, it is closed: %s", error)
            connections.close_all()
            allowed = False
        if not allowed:
            reader.give(None)


def _signed_in(session_key: str) -> bool:
    """Whether the session still stands and its person is active with an unchanged password."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    return bool(get_user(request).is_authenticated)


async def _events(reader: _Reader) -> AsyncIterator[bytes]:
    # The view's own connection is not needed while the stream is open, which may be for hours.
    await sync_to_async(connections.close_all)()
    reader.loop = asyncio.get_running_loop()
    yield b"retry: 1500\n\n"
    pump.add(reader)
    try:
        while True:
            try:
                batch = await asyncio.wait_for(reader.queue.get(), HEARTBEAT_S)
            except TimeoutError:
                yield b"event: alive\ndata: 1\n\n"
                continue
            if batch is None:
                return
            yield b"".join(encode(event) for event in batch)
            if batch[-1].event == END:
                return
    finally:
        pump.remove(reader)


pump = Pump()
