"""The signer's own file of checkpoints: written by the signer before the database, looked after here."""

import json
from pathlib import Path

from portal.audit.anchors.base import Anchor, AnchorFailed, Answer, Published

TAIL = 64 * 1024
"""Bytes at the end of the file in which a new checkpoint must stand."""


class FileAnchor(Anchor):
    """Sees that the newest checkpoint stands in the file: one that was cut or replaced is told."""

    kind = "file"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = f"file {path}"

    def publish(self, checkpoint: Published, last: int) -> Answer | None:
        """Look for the checkpoint. Raises AnchorFailed."""
        if checkpoint.note not in newest_notes(self.path):
            raise AnchorFailed(
                f"The checkpoint at {checkpoint.size} entries is not in {self.path}.",
                remedy="The signer wrote it there: find out who removed it, and compare with a copy.",
            )
        return None


def newest_notes(path: Path) -> list[str]:
    """The last checkpoints of the file, the newest last; empty where it cannot be read."""
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, 2) - TAIL))
            lines = stream.read().splitlines()
    except OSError:
        return []
    notes = []
    for line in lines:
        try:
            notes.append(str(json.loads(line)["checkpoint"]))
        except (ValueError, KeyError, TypeError):
            continue  # the first line of the tail may be half a line; audit_verify reads them all
    return notes
