"""Reads outputs of any length in bounded memory. Pure."""

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Pieces = Iterable[bytes]
"""A stream's bytes in order, cut anywhere; iterated as often as needed."""

WINDOW, OVERLAP = 1024 * 1024, 64 * 1024
"""Characters that are looked at together, and those that are looked at twice."""


def text_of(pieces: Pieces) -> Iterator[str]:
    """Bytes as text; a terminal's CR LF reads as LF."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    held = ""
    for piece in pieces:
        text = held + decoder.decode(piece)
        held = "\r" if text.endswith("\r") else ""
        yield text.removesuffix("\r").replace("\r\n", "\n")
    yield held + decoder.decode(b"", final=True)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text, to be searched from `start` on; `cut`: it ends within a line."""

    text: str
    start: int
    cut: bool

    def search(self, pattern: str) -> re.Match[str] | None:
        """The first match, unless it reaches a cut: then the next window holds it, if it is one."""
        found = re.compile(pattern, re.MULTILINE).search(self.text, self.start)
        return None if found and self.cut and found.end() == len(self.text) else found


def windows(text: Iterable[str]) -> Iterator[Window]:
    r"""A text in overlapping windows.

    A short text is one window. In a longer one every match of less than `OVERLAP` characters lies in a
    window, and as the character before a window's start is there, too, `^`, `$` and `\b` mean what they
    mean in the whole, and `\A` matches in the first window only. (`\Z` may match in each.)
    """
    buffer, start = "", 0
    for piece in text:
        buffer += piece
        if len(buffer) < WINDOW + OVERLAP:
            continue
        end = _line_end(buffer, len(buffer))
        yield Window(buffer[:end], start, end == len(buffer))
        buffer, start = buffer[_line_end(buffer, end - OVERLAP) :], 1
    yield Window(buffer, start, cut=False)


def _line_end(text: str, before: int) -> int:
    """The last line end before an index, or the index itself in a very long line."""
    found = text.rfind("\n", before - OVERLAP, before)
    return before if found < 0 else found


def lines(pieces: Pieces) -> Iterator[str]:
    """The lines of a stream, without their ends; one longer than a window comes in parts."""
    rest = ""
    for text in text_of(pieces):
        *whole, rest = (rest + text).split("\n")
        yield from whole
        while len(rest) > WINDOW:
            yield rest[:WINDOW]
            rest = rest[WINDOW:]
    yield rest


def last_line(pieces: Pieces) -> str:
    """The last line that holds a word, as far as it lies in the last 64 KiB."""
    tail = b""
    for piece in pieces:
        tail = (tail + piece)[-OVERLAP:]
    said = [line.strip() for line in tail.decode("utf-8", "replace").splitlines() if re.search(r"\w", line)]
    return said[-1] if said else ""


def fingerprint(pieces: Pieces) -> int:
    """Equal for streams that hold the same lines, whatever their order, blank lines and trailing blanks."""
    total = 0
    for line in filled_lines(pieces):
        total += int.from_bytes(hashlib.sha256(line.encode()).digest())
    return total % (1 << 256)


def filled_lines(pieces: Pieces) -> Iterator[str]:
    """The lines that are not blank, without trailing blanks."""
    return (line.rstrip() for line in lines(pieces) if line.strip())
