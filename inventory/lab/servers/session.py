"""One SSH session: the command text runs in a real shell, in a session and process group of its own.

As with OpenSSH, processes outlive the channel: when it closes, their pipes close and nothing is
killed; only a terminal hangs up.
"""

import asyncio
import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import termios
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from inventory.lab.commands.call import Send

Process = asyncssh.SSHServerProcess[bytes]


@dataclass(frozen=True, slots=True)
class Spawn:
    """How a command text becomes a process."""

    executable: str
    argv: list[str]
    environment: dict[str, str]
    directory: Path


class PathsBack:
    """Takes the host's root out of a stream, also when a path is cut between two pieces."""

    def __init__(self, root: str) -> None:
        self._root = root.encode()
        self._pattern = re.compile(re.escape(self._root) + rb"(/?)")
        self._held = b""

    def feed(self, data: bytes, *, last: bool = False) -> bytes:
        """The next piece as the host would print it."""
        if not self._root:
            return data
        data = self._held + data
        keep = 0 if last else self._open_end(data)
        self._held = data[len(data) - keep :] if keep else b""
        return self._pattern.sub(b"/", data[: len(data) - keep] if keep else data)

    def _open_end(self, data: bytes) -> int:
        """How many bytes at the end may still become the root, or belong to one that goes on with `/`."""
        done = 0
        for match in self._pattern.finditer(data):
            if match.end() == len(data) and not match[1]:
                return len(self._root)
            done = match.end()
        for length in range(min(len(self._root) - 1, len(data) - done), 0, -1):
            if data.endswith(self._root[:length]):
                return length
        return 0


async def run(process: Process, spawn: Spawn, root: str) -> int:
    """Run one command for one channel; returns its status."""
    if process.term_type:
        return await _on_terminal(process, spawn, root)
    return await _on_pipes(process, spawn, root)


async def answer(process: Process, work: Callable[[Send], Awaitable[int]], root: str) -> int:
    """Serve one channel with a simulated command for which no process has to stand; returns its status."""
    channels = {b"o": (process.stdout, PathsBack(root)), b"e": (process.stderr, PathsBack(root))}

    def send(kind: bytes, payload: bytes, *, last: bool = False) -> None:
        writer, back = channels[kind]
        with contextlib.suppress(BrokenPipeError, ConnectionError, asyncssh.misc.Error):
            writer.write(back.feed(payload, last=last))

    status = await work(send)
    for kind in channels:
        send(kind, b"", last=True)
    return status


def end(process: Process, shown: int | None) -> None:
    """Close a channel with the status that is shown; None loses it."""
    if shown is None:
        process.channel.close()
    elif shown < 0:
        process.exit_with_signal(signal.Signals(-shown).name.removeprefix("SIG"))
    else:
        process.exit(shown)


async def _on_pipes(process: Process, spawn: Spawn, root: str) -> int:
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    err_read, err_write = os.pipe()
    child = await asyncio.create_subprocess_exec(
        *spawn.argv,
        executable=spawn.executable,
        stdin=in_read,
        stdout=out_write,
        stderr=err_write,
        cwd=spawn.directory,
        env=spawn.environment,
        start_new_session=True,
    )
    for descriptor in (in_read, out_write, err_write):
        os.close(descriptor)
    feeding = asyncio.ensure_future(_feed(process, in_write))
    outputs = [
        asyncio.ensure_future(_pass_on(descriptor, writer, root))
        for descriptor, writer in ((out_read, process.stdout), (err_read, process.stderr))
    ]
    try:
        await asyncio.gather(*outputs)
        return await child.wait()
    finally:
        for task in (feeding, *outputs):
            task.cancel()


async def _feed(process: Process, descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(descriptor, "wb", 0)
    )
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    try:
        while data := await process.stdin.read(65536):
            writer.write(data)
            await writer.drain()
    except (BrokenPipeError, ConnectionError, asyncssh.misc.Error):
        pass
    finally:
        transport.close()


async def _pass_on(descriptor: int, writer: asyncssh.SSHWriter[bytes], root: str) -> None:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0)
    )
    back = PathsBack(root)
    try:
        while data := await _read(reader):
            writer.write(back.feed(data))
            await writer.drain()
        writer.write(back.feed(b"", last=True))
    except (BrokenPipeError, ConnectionError, asyncssh.misc.Error):
        pass
    finally:
        transport.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(65536)
    except OSError:
        return b""


async def _on_terminal(process: Process, spawn: Spawn, root: str) -> int:
    master, slave = pty.openpty()
    columns, rows, *_ = process.term_size
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows or 24, columns or 80, 0, 0))
    child = await asyncio.create_subprocess_exec(
        *spawn.argv,
        executable=spawn.executable,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=spawn.directory,
        env={**spawn.environment, "TERM": process.term_type or "vt100"},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(slave)
    typing = asyncio.ensure_future(_type(process, os.dup(master)))
    showing = asyncio.ensure_future(_pass_on(master, process.stdout, root))
    try:
        status = await child.wait()
        await asyncio.wait({showing}, timeout=1)
        return status
    finally:
        typing.cancel()
        showing.cancel()


async def _type(process: Process, descriptor: int) -> None:
    try:
        while True:
            try:
                data = await process.stdin.read(4096)
            except asyncssh.TerminalSizeChanged:
                continue
            if not data:
                return
            os.write(descriptor, data)
    except (OSError, asyncssh.misc.Error):
        return
    finally:
        os.close(descriptor)
