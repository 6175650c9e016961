"""Chunks of output as text, where a character's bytes may lie in two chunks."""

from dataclasses import dataclass, field

from liveupdate.models import OutputChunk

LONGEST = 4
"""Bytes of the longest character in UTF-8."""


def unfinished(content: bytes) -> bytes:
    """The bytes at the end that begin a character and could still become one; mostly none."""
    for length in range(1, min(LONGEST, len(content) + 1)):
        tail = content[-length:]
        if tail[0] >= 0xC0:
            try:
                tail.decode("utf-8")
            except UnicodeDecodeError as error:
                return tail if error.reason == "unexpected end of data" else b""
            return b""
        if tail[0] < 0x80:
            return b""
    return b""


@dataclass(slots=True)
class TextOfChunks:
    """Decodes chunks of many streams in the order of their ids.

    A character belongs to the chunk that holds its last byte. Bytes that are no UTF-8 show as U+FFFD.
    """

    _carried: dict[tuple[int, str], bytes] = field(default_factory=dict)

    def of(self, chunk: OutputChunk) -> str:
        """The text of a chunk, which comes with its command."""
        stream = (chunk.command_id, chunk.stream)
        content = bytes(chunk.content)
        carried = self._carried.pop(stream, None)
        if carried is None:
            continues = chunk.offset > 0 and 0x80 <= content[0] < 0xC0
            carried = _unfinished_before(chunk) if continues else b""
        whole = carried + content
        held = b"" if _is_last(chunk) else unfinished(whole)
        self._carried[stream] = held
        return whole[: len(whole) - len(held)].decode("utf-8", "replace")


def _unfinished_before(chunk: OutputChunk) -> bytes:
    """What the chunk before this one left over."""
    before = OutputChunk.objects.filter(
        command=chunk.command_id, stream=chunk.stream, offset__lt=chunk.offset
    ).order_by("-offset")
    left = b""
    for content in before.values_list("content", flat=True)[: LONGEST - 1]:
        left = bytes(content[-LONGEST:]) + left
        if len(left) >= LONGEST:
            break
    return unfinished(left)


def _is_last(chunk: OutputChunk) -> bool:
    """Whether the stream ends with this chunk and nothing more can come."""
    command = chunk.command
    length = command.stdout_bytes if chunk.stream == "stdout" else command.stderr_bytes
    return command.ended_at is not None and chunk.offset + len(chunk.content) >= length
