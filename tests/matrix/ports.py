"""Ports that no other process of this machine is given, for a lab that is started again and again.

A lab keeps its ports from start to start. Between two starts the system would give them to anybody who asks
for a free one; below the range that it gives from, only another matrix asks, and that one finds them locked.
"""

import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

FIRST, BLOCK, BLOCKS = 20000, 50, 200
_held: list[IO[str]] = []


def own_ports() -> Iterator[int]:
    """The ports of a block that is this process's until it ends. Raises RuntimeError if none is left."""
    place = Path(tempfile.gettempdir())
    for number in range(BLOCKS):
        lock = (place / f"matrix-ports-{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _held.append(lock)
        first = FIRST + number * BLOCK
        return iter(range(first, first + BLOCK))
    raise RuntimeError(f"all {BLOCKS} blocks of ports from {FIRST} on are taken")
