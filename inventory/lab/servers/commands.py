"""The socket of the simulated commands: takes an invocation, runs its handler, keeps the truth."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from inventory.lab.commands.call import CATALOGUE, Call, Handler, Usage
from inventory.lab.shell.client import HEADER_BYTES, frame

if TYPE_CHECKING:
    from inventory.lab.lab import Lab

CONTROL_HOST = "@control"


class CommandServer:
    """Answers the clients of `shell.client` over a Unix socket."""

    def __init__(self, lab: "Lab", control: Handler) -> None:
        self._lab = lab
        self._control = control
        self._server: asyncio.Server | None = None

    async def start(self, path: Path) -> None:
        """Listen."""
        self._server = await asyncio.start_unix_server(self._serve, path)
        path.chmod(0o600)

    def close(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = await self._receive(reader, writer)
        if call is None:
            writer.close()
            return
        listening = asyncio.ensure_future(_listen(reader, call))
        try:
            status = await self._run(call)
            if not call.gone.is_set():
                writer.write(frame(b"x", str(status).encode()))
                await writer.drain()
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            listening.cancel()
            writer.close()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Call | None:
        try:
            length = int.from_bytes(await reader.readexactly(4), "big")
            fields = (await reader.readexactly(length)).split(b"\0")
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return None
        host, pid, group, terminal, locale, *argv = (os.fsdecode(field) for field in fields)

        def send(kind: bytes, payload: bytes) -> None:
            writer.write(frame(kind, payload))

        return Call(self._lab, host, argv, locale, int(pid), int(group), terminal, send=send)

    async def _run(self, call: Call) -> int:
        if call.host == CONTROL_HOST:
            return await _answer(self._control, call)
        host = self._lab.hosts[call.host]
        handler = CATALOGUE.get((host.kind, call.argv[0]))
        if handler is None:
            return call.fail(f"ksh: {call.argv[0]}:  not found.", 127)
        return await self.run(handler, call)

    async def run(self, handler: Handler, call: Call) -> int:
        """Run a command for as long as its process is there, and keep the truth of it."""
        host = self._lab.hosts[call.host]
        number = host.truth.start(call.argv, call.pid)
        work = asyncio.ensure_future(_answer(handler, call))
        left = asyncio.ensure_future(call.gone.wait())
        status: int | None = None
        try:
            await asyncio.wait({work, left}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                status = work.result()
        finally:
            left.cancel()
            work.cancel()
            host.truth.end(number, status)
            self._lab.touch()
        return 0 if status is None else status


async def _answer(handler: Handler, call: Call) -> int:
    try:
        return await handler(call)
    except Usage as usage:
        return call.fail(str(usage))


async def _listen(reader: asyncio.StreamReader, call: Call) -> None:
    """Hand answers to the call; the end of the stream means that its process is gone."""
    try:
        while True:
            header = await reader.readexactly(HEADER_BYTES)
            length = int.from_bytes(header[1:], "big")
            await call.answers.put((await reader.readexactly(length)).decode(errors="replace"))
    except (asyncio.IncompleteReadError, ConnectionResetError):
        call.gone.set()
