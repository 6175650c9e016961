"""Output, stored by content: the ledger's entries carry the digests."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portal import statements
from portal.audit.models import Chunk
from portal.lib.canonical import digest
from portal.lib.errors import PortalError

CHUNK_LIMIT = 64 * 1024
"""Most bytes of a chunk before compression."""


class ChunkTooLarge(PortalError):
    """A chunk has more than 64 KiB."""

    code = "chunk_too_large"


class ChunkDamaged(PortalError):
    """A chunk is not there, or is not what its digest says."""

    code = "chunk_damaged"


def store_chunk(content: bytes) -> str:
    """Keep up to 64 KiB of (redacted) output; returns its digest. Storing the same twice keeps one.

    Raises ChunkTooLarge.
    """
    return store_chunks([content])[0]


def store_chunks(contents: Sequence[bytes]) -> list[str]:
    """Keep several chunks with one statement; returns their digests.

    A transaction that stores chunks more than once may deadlock with another that stores the same ones.
    Raises ChunkTooLarge.
    """
    for content in contents:
        if len(content) > CHUNK_LIMIT:
            raise ChunkTooLarge(
                f"A chunk of {len(content)} bytes is too large.",
                remedy=f"Cut the stream at {CHUNK_LIMIT} bytes.",
            )
    names = [digest(content) for content in contents]
    rows = [
        (name, zlib.compress(content, 1)) for name, content in sorted(set(zip(names, contents, strict=True)))
    ]
    statements.insert(Chunk, ("digest", "content"), rows, new_only=True)
    return names


def load_chunk(name: str) -> bytes:
    """The bytes behind a digest, checked. Raises ChunkDamaged."""
    stored = Chunk.objects.filter(digest=name).values_list("content", flat=True).first()
    if stored is None:
        raise ChunkDamaged(f"The output chunk {name} is missing.", remedy="Run audit_verify.")
    return open_chunk(name, bytes(stored))


def is_stored(name: str) -> bool:
    """Whether there are bytes behind a digest."""
    return Chunk.objects.filter(digest=name).exists()


def open_chunk(name: str, stored: bytes) -> bytes:
    """Decompress what is stored under a digest and check it. Raises ChunkDamaged."""
    try:
        content = zlib.decompress(stored)
    except zlib.error as error:
        raise ChunkDamaged(
            f"The output chunk {name} cannot be decompressed.", remedy="Run audit_verify."
        ) from error
    if digest(content) != name:
        raise ChunkDamaged(f"The output chunk {name} was altered.", remedy="Run audit_verify.")
    return content


def pieces_of(data: Mapping[str, Any]) -> Iterator[tuple[str, range]]:
    """The pieces of output that an entry `cmd.out` names, with the bytes of the stream that each is."""
    begin, last = int(data["offset"]), int(data["offset"]) + int(data["bytes"])
    for name in data["chunks"]:
        end = min(begin + CHUNK_LIMIT, last)
        yield str(name), range(begin, end)
        begin = end
