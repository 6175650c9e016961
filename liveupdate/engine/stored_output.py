"""Output as the record holds it."""

from collections.abc import Iterator
from dataclasses import dataclass

from liveupdate.models import OutputChunk, RunCommand


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """The stored pieces of a stream, in order, as often as it is iterated."""

    command: RunCommand
    stream: str

    def __iter__(self) -> Iterator[bytes]:
        rows = OutputChunk.objects.filter(command=self.command, stream=self.stream).order_by("offset")
        for content in rows.values_list("content", flat=True).iterator(chunk_size=16):
            yield bytes(content)


def stored_output(command: RunCommand, stream: str) -> StoredOutput:
    """The stored pieces of a stream, in order."""
    return StoredOutput(command, stream)


def stored_pieces(command: RunCommand, stream: str) -> Iterator[OutputChunk]:
    """The same with their offsets: where bytes were dropped the next piece begins later."""
    rows = OutputChunk.objects.filter(command=command, stream=stream).order_by("offset")
    yield from rows.only("offset", "content").iterator(chunk_size=16)
