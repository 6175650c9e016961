"""What the spool's files hold, as far as it reached the disk whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from portal.audit.merkle import leaf_hash
from portal.audit.spool.copies import FOLDER

PIECE = 1 << 20


class Copied(NamedTuple):
    """A copy that is as it was written: the entry's leaf hash and its bytes, and the file that holds it."""

    leaf: bytes
    content: bytes
    file: Path


def days_in(directory: Path) -> list[Path]:
    """The folders of the spool's entries, one a day, the oldest first."""
    return sorted(path for path in (directory / FOLDER).glob("????-??-??") if path.is_dir())


def copies_in(folder: Path) -> Iterator[Copied]:
    """The copies of a day. A last line that a crash cut is no copy; one damaged elsewhere is left out."""
    for file in sorted(folder.glob("*.log")):
        with file.open("rb") as stream:
            for line in stream:
                head, _, content = line.partition(b" ")
                if line.startswith(b"\0") or not line.endswith(b"\n"):
                    break
                content = content[:-1]
                if leaf_hash(content).hex().encode() == head:
                    yield Copied(bytes.fromhex(head.decode()), content, file)


def damaged_in(folder: Path) -> list[Path]:
    """Files of a day that hold a whole line which is not as it was written."""
    found = []
    for file in sorted(folder.glob("*.log")):
        lines = file.read_bytes().rstrip(b"\0").split(b"\n")[:-1]
        if any(leaf_hash(line.partition(b" ")[2]).hex().encode() != line[:64] for line in lines):
            found.append(file)
    return found
