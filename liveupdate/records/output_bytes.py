"""What a command printed, byte for byte, whole or a part of it."""

from collections.abc import Iterator

from liveupdate.models import RunCommand


def size_of(command: RunCommand, stream: str) -> int:
    """How many bytes of a stream are stored."""
    size: int = getattr(command, f"{stream}_bytes")
    return size


def bytes_of(command: RunCommand, stream: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of a stream from offset `start` up to, not including, `end`; in pieces, in order."""
    chunks = command.output.filter(stream=stream).order_by("offset")
    before = chunks.filter(offset__lte=start).order_by("-offset").values_list("offset", flat=True).first()
    chunks = chunks.filter(offset__gte=before or 0)
    if end is not None:
        chunks = chunks.filter(offset__lt=end)
    for offset, content in chunks.values_list("offset", "content").iterator(chunk_size=64):
        last = None if end is None else end - offset
        yield bytes(content)[max(0, start - offset) : last]
