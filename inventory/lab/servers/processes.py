"""The real processes of a simulated host, found by the marks in their environment (Linux only)."""

import os
import signal
from pathlib import Path


def host_processes(directory: Path, host: str = "") -> list[int]:
    """Pids of the processes of a host of this lab, of all its hosts when none is named."""
    marks = [f"LAB_DIR={directory}\0".encode()]
    if host:
        marks.append(f"LAB_HOST={host}\0".encode())
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes() + b"\0"
        except OSError:
            continue
        if all(mark in environment for mark in marks) and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def signal_all(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to each of these processes; those that ended meanwhile are passed over."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
