"""Deletes the pages' copy of output that the ledger lets go."""

from collections.abc import Collection
from typing import Any

from liveupdate.models import OutputChunk, RunCommand
from portal.audit.chunks import CHUNK_LIMIT, pieces_of


def delete_output(digests: Collection[str], entries: list[dict[str, Any]]) -> None:
    """Delete the bytes of these pieces, by the entries that name them; what stands beside them stays."""
    for entry in entries:
        data = entry["d"]
        if "command" not in data or "stream" not in data:
            continue
        command = RunCommand.objects.filter(run_id=entry["sub"]["run"], number=data["command"]).first()
        if command is None:
            continue
        for name, place in pieces_of(data):
            if name in digests:
                _cut(command, str(data["stream"]), place.start, place.stop)


def _cut(command: RunCommand, stream: str, begin: int, end: int) -> None:
    """Take bytes out of the rows that hold them, which may reach over either end."""
    rows = OutputChunk.objects.filter(command=command, stream=stream, offset__lt=end)
    for row in rows.filter(offset__gt=begin - CHUNK_LIMIT).order_by("offset"):
        content = bytes(row.content)
        head, tail = content[: max(0, begin - row.offset)], content[max(0, end - row.offset) :]
        if len(head) == len(content):
            continue
        kept = [(offset, part) for offset, part in ((row.offset, head), (end, tail)) if part]
        if not kept:
            row.delete()
        for row.offset, row.content in kept:
            row.save(force_insert=row.pk is None)
            row.pk = None
