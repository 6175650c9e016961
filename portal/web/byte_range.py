"""One range of bytes, as a client asks for it (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

RANGE = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes from `start` up to, not including, `end`."""

    start: int
    end: int

    def content_range(self, size: int) -> str:
        """The header that says which part of the whole this is."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


class NoSuchBytes(Exception):
    """The range lies outside."""


def wanted_range(header: str, size: int) -> ByteRange | None:
    """The part of `size` bytes that a `Range` header asks for; None for the whole.

    What is no single range of bytes counts as not sent, as the standard lets a server do. Raises
    NoSuchBytes for a range that begins behind the end.
    """
    match = RANGE.fullmatch(header.strip())
    if match is None or (match.group(1) is None and match.group(2) is None):
        return None
    first, last = match.groups()
    if first is None:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), size if last is None else min(size, int(last) + 1)
        if last is not None and int(last) < start:
            return None
    if start >= end:
        raise NoSuchBytes
    return ByteRange(start, end)
