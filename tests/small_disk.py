"""A disk of its own that a test can fill: tmpfs of a few KiB."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(place: Path, kib: int = 64) -> Iterator[Path]:
    """Mount an empty disk of this size; only root can, so elsewhere the test is for the gate alone."""
    if os.geteuid() != 0:
        pytest.skip("a disk is mounted for this test: run it as root")
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=0700", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Write until the disk is full; returns the file to remove."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as stream:
        while True:
            stream.write(b"x" * 512)
    return ballast
