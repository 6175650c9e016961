"""Some lines of a long output, around the one that matters."""

from collections.abc import Iterator
from dataclasses import dataclass

from liveupdate.diagnosis.lines import clean
from liveupdate.models import RunCommand

AROUND = 40
"""Lines shown before and behind the one asked for."""
LONGEST = 2000
"""Characters of a line that are shown."""


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """A line of an output with its number, from 1."""

    number: int
    text: str


def lines_around(command: RunCommand, stream: str, number: int) -> list[NumberedLine]:
    """The lines around one of a command's stream; fewer, or none, where the stream is shorter."""
    shown = []
    for at, line in enumerate(_lines(command, stream), start=1):
        if at > number + AROUND:
            break
        if at >= number - AROUND:
            shown.append(NumberedLine(at, clean(line[:LONGEST].decode("utf-8", "replace"))))
    return shown


def _lines(command: RunCommand, stream: str) -> Iterator[bytes]:
    rest = b""
    pieces = command.output.filter(stream=stream).order_by("offset").values_list("content", flat=True)
    for piece in pieces.iterator(chunk_size=16):
        *whole, rest = (rest + bytes(piece)).split(b"\n")
        yield from whole
    if rest:
        yield rest
