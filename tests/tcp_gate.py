"""A TCP forwarder with a gate: open it passes everything on, shut it breaks and refuses connections."""

import contextlib
import socket
import threading
from collections.abc import Iterator


class Gate:
    """Forwards loopback connections to `target`; `shut()` and `open()` are a failing network."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        """Break what is connected; refuse what comes."""
        self._open = False
        self.cut()

    def open(self) -> None:
        """Let connections through again."""
        self._open = True

    def cut(self) -> None:
        """Break what is connected."""
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._sockets = []

    def end(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if not self._open:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=_carry, args=(source, sink), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    for sock in (source, sink):
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def gate_to(port: int) -> Iterator[Gate]:
    """A gate in front of a port on loopback."""
    gate = Gate(port)
    try:
        yield gate
    finally:
        gate.end()
