"""Writing files so that they survive a power cut."""

import os
import tempfile
from pathlib import Path


def replace_durably(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file in one step: readers see the old content or the new, on disk when this returns."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        os.fchmod(handle, mode)
        write_all(handle, content)
        os.fsync(handle)
        Path(draft).replace(path)
    finally:
        os.close(handle)
        Path(draft).unlink(missing_ok=True)
    sync_directory(path.parent)


def append_durably(path: Path, content: bytes, *, mode: int, keep: int | None = None) -> None:
    """Append to a file, on disk when this returns. With `keep`, cut it to that many bytes first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    appending = os.O_APPEND if keep is None else 0  # a file with the attribute `a` takes nothing else
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | appending, mode)
    try:
        if keep is not None:
            os.ftruncate(handle, keep)
            os.lseek(handle, 0, os.SEEK_END)
        write_all(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_directory(path.parent)


def write_all(handle: int, content: bytes) -> None:
    """Write everything, however the system cuts it. Raises OSError."""
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]


def sync_directory(path: Path) -> None:
    """Make the names in a directory survive a power cut. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
