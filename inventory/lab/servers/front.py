"""A host's network address: a relay on loopback that can refuse, hang, drop and freeze.

The SSH server proper listens on a Unix socket behind it. Freezing stops both directions while the
TCP connections stay open, as in a Live Update's blackout.
"""

import asyncio
import socket
from collections.abc import Coroutine

FIRST_SESSION_PID = 20_971_520


class _Side(asyncio.Protocol):
    """One end of a relayed connection."""

    def __init__(self, front: "Front") -> None:
        self.front = front
        self.transport: asyncio.Transport | None = None
        self.peer: _Side | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.front.frozen:
            transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        if self.peer and self.peer.transport:
            self.peer.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.front.sides.discard(self)
        if self.peer and self.peer.transport:
            self.peer.transport.close()

    def pause_writing(self) -> None:
        if self.peer:
            self.peer.pause()

    def resume_writing(self) -> None:
        if self.peer and not self.front.frozen:
            self.peer.resume()

    def pause(self) -> None:
        """Take no more bytes in."""
        if self.transport:
            self.transport.pause_reading()

    def resume(self) -> None:
        """Take bytes in again."""
        if self.transport and not self.transport.is_closing():
            self.transport.resume_reading()


class _Client(_Side):
    """The end towards whoever connects. `stale`: the sshd that began it was replaced by a newer one."""

    def __init__(self, front: "Front") -> None:
        super().__init__(front)
        self.pid = front.next_pid()
        self.stale = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.pause()
        self.front.sides.add(self)
        self.front.spawn(self.front.connect(self))


class Front:
    """The loopback address of one host."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.port = 0
        self.sides: set[_Side] = set()
        self.frozen = False
        self._hanging = False
        self._sessions = 0
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, port: int = 0) -> None:
        """Listen on this loopback port, or on a free one if it is taken."""
        loop = asyncio.get_running_loop()
        wanted = self.port or port
        try:
            self._server = await loop.create_server(lambda: _Client(self), "127.0.0.1", wanted)
        except OSError:
            if not wanted or self.port:
                raise
            self._server = await loop.create_server(lambda: _Client(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self, refuse: bool) -> None:
        """Refuse new connections, or take them again. Existing ones go on."""
        if refuse and self._server:
            self._server.close()
            self._server = None
        elif not refuse and not self._server:
            await self.listen()

    def hang(self, hang: bool) -> None:
        """Accept new connections without a word, or serve them (also those that waited)."""
        self._hanging = hang
        self._gate()

    def next_pid(self) -> int:
        """A process id for the sshd of one more session."""
        self._sessions += 1
        return FIRST_SESSION_PID + 2 * self._sessions

    @property
    def sessions(self) -> list[_Client]:
        """The connections that are open, oldest first."""
        found = [side for side in self.sides if isinstance(side, _Client)]
        return sorted(found, key=lambda side: side.pid)

    def outlive(self, *, stale: bool) -> None:
        """The sshd that listens goes; what it began stays, on old libraries if it had them itself."""
        for session in self.sessions:
            session.stale = session.stale or stale

    def drop(self) -> None:
        """Cut every connection with a reset."""
        for side in list(self.sides):
            if side.transport:
                raw = side.transport.get_extra_info("socket")
                if raw is not None and raw.family == socket.AF_INET:
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                side.transport.abort()

    def freeze(self) -> None:
        """Stop moving bytes; TCP stays up."""
        self.frozen = True
        self._gate()
        for side in self.sides:
            side.pause()

    def thaw(self) -> None:
        """Move bytes again."""
        self.frozen = False
        self._gate()
        for side in self.sides:
            if side.peer:
                side.resume()

    def close(self) -> None:
        """Stop listening and cut what is open."""
        if self._server:
            self._server.close()
        self.drop()

    def spawn(self, work: Coroutine[object, None, None]) -> None:
        """Run a coroutine that belongs to this address."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def connect(self, client: _Side) -> None:
        """Join a client to the SSH server, once the address serves."""
        await self._open.wait()
        if client.transport is None or client.transport.is_closing():
            return
        loop = asyncio.get_running_loop()
        _, server = await loop.create_unix_connection(lambda: _Side(self), self.upstream)
        client.peer, server.peer = server, client
        self.sides.add(server)
        if not self.frozen:
            client.resume()

    def _gate(self) -> None:
        if self._hanging or self.frozen:
            self._open.clear()
        else:
            self._open.set()
