"""Processes that a test started somewhere below a directory of its own and must not leave behind."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def processes_in(directory: Path) -> dict[int, str]:
    """Living processes that name `directory` on their command line or in their environment, or work in it."""
    return dict(_found(str(directory)))


def end_processes_in(directory: Path) -> None:
    """Kill them with their process groups, which nobody else is in: the tests' own group is spared."""
    for pid in processes_in(directory):
        with suppress(ProcessLookupError):
            group = os.getpgid(pid)
            if group != os.getpgrp():
                os.killpg(group, signal.SIGKILL)


def _found(place: str) -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):  # it has ended meanwhile, or is somebody else's
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            inherited = (entry / "environ").read_bytes().decode(errors="replace")
            works_in = str((entry / "cwd").readlink())
            if line and (place in line or place in inherited or f"{works_in}/".startswith(f"{place}/")):
                yield int(entry.name), line
