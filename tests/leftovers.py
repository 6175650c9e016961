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
    """Kill them with their process groups; the group of the tests themselves is spared."""
    for pid in processes_in(directory):
        with suppress(ProcessLookupError):
            group = os.getpgid(pid)
            if group != os.getpgrp():
                os.killpg(group, signal.SIGKILL)


def _found(place: str) -> Iterator[tuple[int, str]]:
    ours = set(_ancestry())
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) in ours:
            continue
        with suppress(OSError):  # it has ended meanwhile, or is somebody else's
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            inherited = (entry / "environ").read_bytes().decode(errors="replace")
            works_in = str((entry / "cwd").readlink())
            if line and (place in line or place in inherited or f"{works_in}/".startswith(f"{place}/")):
                yield int(entry.name), line


def _ancestry() -> Iterator[int]:
    """This process and those that started it, which may name the directory as an option."""
    pid = os.getpid()
    while pid:
        yield pid
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
