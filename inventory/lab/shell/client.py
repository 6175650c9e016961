"""Every simulated command: hands its words to the lab and passes on what comes back.

Frames from the lab: one byte kind, four bytes length, the payload. Kinds: `o` standard output,
`e` standard error, `q` a question (first byte `h`: without echo), `x` the exit status.
"""

import json
import os
import socket
import struct
import sys

HEADER = struct.Struct("!cI")


def main(argv: list[str], host: str, root: str, address: str) -> int:
    """Run one simulated command; returns its exit status."""
    words = [argv[0].rpartition("/")[2], *(_outside(word, root) for word in argv[1:])]
    request = {
        "host": host,
        "argv": words,
        "env": {name: os.environ[name] for name in ("LC_ALL", "LANG") if name in os.environ},
        "pid": os.getpid(),
        "group": os.getpgrp(),
        "terminal": _terminal(),
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(address)
            connection.sendall(json.dumps(request).encode() + b"\n")
            return _relay(connection)
        except BrokenPipeError:
            return 141
        except OSError as error:
            sys.stderr.write(f"{words[0]}: the lab does not answer: {error}\n")
            return 255


def _relay(connection: socket.socket) -> int:
    while True:
        header = _receive(connection, HEADER.size)
        if not header:
            sys.stderr.write("the lab went away\n")
            return 255
        kind, length = HEADER.unpack(header)
        payload = _receive(connection, length)
        if kind == b"x":
            return int(payload)
        if kind == b"q":
            answer = _ask(payload[1:], hidden=payload[:1] == b"h")
            connection.sendall(HEADER.pack(b"a", len(answer)) + answer)
        else:
            _write(1 if kind == b"o" else 2, payload)


def _receive(connection: socket.socket, length: int) -> bytes:
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
    _write(1, question)
    if not (hidden and os.isatty(0)):
        return sys.stdin.buffer.readline().rstrip(b"\r\n")
    import termios  # noqa: PLC0415 - only a terminal needs it, and every command pays for imports

    before = termios.tcgetattr(0)
    silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(0, termios.TCSADRAIN, silent)
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
