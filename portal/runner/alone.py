"""One portal for one data directory: two would share a lab, a ledger key and an embedded database."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.lib.errors import PortalError


class AlreadyRunning(PortalError):
    """Another portal runs on the same data."""

    code = "already_running"


@contextmanager
def alone_on(directory: Path) -> Iterator[None]:
    """Hold the data directory for this portal. Raises AlreadyRunning; a killed holder holds no more."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / "portal.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise AlreadyRunning(
                f"A portal runs on the data in {directory} already (process {lock.read().strip()}).",
                remedy="Stop it with Ctrl-C, or set PORTAL_VAR_DIR to another directory for this one.",
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
