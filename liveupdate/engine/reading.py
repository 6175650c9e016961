"""Reads outputs of any length in bounded memory. Pure."""

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator

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


def windows(text: Iterable[str]) -> Iterator[tuple[str, int]]:
    r"""A text in overlapping windows, each with the index to search from.

    A short text is one window. In a longer one every match of at most `OVERLAP` characters lies in a
    window; windows end at line ends and hold the character before the index, so `^`, `$` and `\b` mean
    what they mean in the whole, and `\A` matches in the first window only. (`\Z` may match in each.)
    """
    buffer, start = "", 0
    for piece in text:
        buffer += piece
        if len(buffer) < WINDOW + OVERLAP:
            continue
        end = _line_end(buffer, len(buffer))
        yield buffer[:end], start
        buffer, start = buffer[_line_end(buffer, end - OVERLAP) :], 1
    yield buffer, start


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
