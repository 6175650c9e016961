"""Checks what others answered to checkpoints, and the copies of checkpoints that auditors bring."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from portal.audit.anchors.base import Anchor, AnchorFailed
from portal.audit.anchors.syslog import note_in
from portal.audit.anchors.timestamp import TimestampAnchor, stamped_at
from portal.audit.anchors.witness import WitnessAnchor
from portal.audit.log_keys import LogKeys
from portal.audit.models import Receipt
from portal.audit.note import BadNote, cosigned_at
from portal.audit.verification.checkpoints import Signed
from portal.audit.verification.report import Problem
from portal.lib.errors import Invalid


def check_receipts(notes: Mapping[int, str], anchors: Iterable[Anchor]) -> tuple[int, list[Problem]]:
    """How many receipts there are, and what is wrong with those of the anchors that are configured now."""
    known, count, problems = {anchor.name: anchor for anchor in anchors}, 0, []
    for receipt in Receipt.objects.order_by("size", "id").iterator():
        count += 1
        note = notes.get(receipt.size)
        if note is None:
            problems.append(Problem(f"The {receipt} is of a checkpoint that is not there."))
            continue
        try:
            _check(receipt, note, known.get(receipt.anchor))
        except (BadNote, AnchorFailed) as error:
            problems.append(Problem(f"The {receipt}: {error.message}"))
    return count, problems


def _check(receipt: Receipt, note: str, anchor: Anchor | None) -> None:
    if isinstance(anchor, WitnessAnchor):
        cosigned_at(note + receipt.content, anchor.key)
    elif isinstance(anchor, TimestampAnchor):
        stamped_at(receipt.content, note, anchor.roots)


def add_copies(signed: Signed, path: Path, keys: LogKeys) -> int:
    """Compare with a file that was kept elsewhere: checkpoints, lines of the anchor file, or of syslog.

    Returns how many checkpoints it holds. Raises Invalid where there is none or it cannot be read.
    """
    found = notes_in(path)
    for where, note in found:
        signed.add(f"{path}, {where}", note, keys)
    if not found:
        raise Invalid(
            f"{path} holds no checkpoint.",
            remedy="Give a checkpoint, a copy of the anchor file, or a syslog file with its messages.",
            code="file_not_readable",
        )
    return len(found)


def notes_in(path: Path) -> list[tuple[str, str]]:
    """The checkpoints in a file, unchecked, each with where it stands. Raises Invalid."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error}.", code="file_not_readable") from error
    if "\n\n\u2014 " in text and not text.lstrip().startswith("{"):
        return [("the checkpoint", text)]
    lines = enumerate(text.split("\n"), 1)
    return [(f"line {number}", note) for number, line in lines if (note := _note_of(line)) is not None]


def _note_of(line: str) -> str | None:
    """The checkpoint of a line; the line itself where a damaged one stands in it; None where none does."""
    try:
        return str(json.loads(line)["checkpoint"]) if line.lstrip().startswith("{") else note_in(line)
    except (BadNote, ValueError, KeyError, TypeError, RecursionError):
        return line
