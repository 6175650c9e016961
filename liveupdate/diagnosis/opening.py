"""Opens what people keep logs in: plain text, gzip, and UTF-16 as Windows writes it."""

import codecs
import gzip
from io import BufferedReader
from typing import BinaryIO, cast

_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def opened(stream: BufferedReader) -> BinaryIO:
    """The stream's text as bytes in UTF-8 (or any encoding that agrees with ASCII)."""
    head = stream.peek(2)[:2]
    if head == _GZIP:
        return cast(BinaryIO, gzip.GzipFile(fileobj=stream))
    if head in _UTF_16:
        return cast(BinaryIO, codecs.EncodedFile(stream, "utf-8", "utf-16", "replace"))
    return stream
