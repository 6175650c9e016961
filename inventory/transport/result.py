"""What a remote command left, and who hears of it while it comes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stream = Literal["stdout", "stderr"]
OnOutput = Callable[[Stream, int, bytes], None]
"""Called with the stream, the byte offset of the piece in it, and the piece."""

OnQuiet = Callable[[], None]
"""Called each time a host has answered that there is nothing new."""

Tick = Callable[[], None]
"""Called about once a second while a host is silent; what it raises ends the wait."""


@dataclass(frozen=True, slots=True)
class Result:
    """Both streams as bytes and the exit status as the host reported it.

    `status` is None when the host reported none (the command was ended by a signal, or the host does
    not know): unknown, which is neither success nor failure.
    """

    status: int | None
    stdout: bytes
    stderr: bytes
