"""Every simulated command: hands its words to the lab and passes on what comes back.

The request: four bytes length, then NUL-separated fields (host, pid, process group, terminal, LC_ALL,
the words). Frames from the lab: one byte kind, four bytes length, the payload. Kinds: `o`
standard output, `e` standard error, `q` a question (first byte `h`: without echo), `x` the exit status.

Each simulated command pays for what is imported here, so it is next to nothing.
"""

import _socket
import os
import sys

HEADER_BYTES = 5


def frame(kind: bytes, payload: bytes) -> bytes:
    """A frame as it travels."""
    return kind + len(payload).to_bytes(4, "big") + payload


def main(argv: list[str], host: str, root: str, address: str) -> int:
    """Run one simulated command; returns its exit status."""
    words = [argv[0].rpartition("/")[2], *(_outside(word, root) for word in argv[1:])]
    locale = os.environ.get("LC_ALL", "")
    fields = [host, str(os.getpid()), str(os.getpgrp()), _terminal(), locale, *words]
    request = b"\0".join(os.fsencode(field) for field in fields)
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.connect(address)
        connection.sendall(len(request).to_bytes(4, "big") + request)
        return _relay(connection)
    except BrokenPipeError:
        return 141
    except OSError as error:
        sys.stderr.write(f"{words[0]}: the lab does not answer: {error}\n")
        return 255


def _relay(connection: _socket.socket) -> int:
    while True:
        header = _receive(connection, HEADER_BYTES)
        if not header:
            sys.stderr.write("the lab went away\n")
            return 255
        kind = header[:1]
        payload = _receive(connection, int.from_bytes(header[1:], "big"))
        if kind == b"x":
            return int(payload)
        if kind == b"q":
            answer = _ask(payload[1:], hidden=payload[:1] == b"h")
            connection.sendall(frame(b"a", answer))
        else:
            _write(1 if kind == b"o" else 2, payload)


def _receive(connection: _socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            return b""
        data += piece
    return data


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _ask(question: bytes, *, hidden: bool) -> bytes:
    if not (hidden and os.isatty(0)):
        _write(1, question)
        return sys.stdin.buffer.readline().rstrip(b"\r\n")
    import termios  # noqa: PLC0415 - only a terminal needs it, and every command pays for imports

    before = termios.tcgetattr(0)
    silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(0, termios.TCSADRAIN, silent)
    _write(1, question)
    try:
        return sys.stdin.buffer.readline().rstrip(b"\r\n")
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
        _write(1, b"\n")


def _outside(word: str, root: str) -> str:
    return (word.replace(root + "/", "/").replace(root, "/")) if root else word


def _terminal() -> str:
    try:
        return os.ttyname(0).removeprefix("/dev/")
    except OSError:
        return ""
