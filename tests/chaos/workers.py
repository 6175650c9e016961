"""Worker processes that a test may kill, freeze and stop."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
LEASE_S = 2.5


class Workers:
    """Celery worker processes on this test's database, with a broker that rings for nobody."""

    def __init__(self, log: Path, **env: str) -> None:
        self._log = log
        self._processes: list[subprocess.Popen[bytes]] = []
        self._env = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "SECRET_KEY": settings.SECRET_KEY,
            "PORTAL_SPOOL_DIR": settings.PORTAL_SPOOL_DIR,
            "BROKER_URL": "memory://",
            "PORTAL_LEASE_S": str(LEASE_S),
            "PORTAL_SCAN_S": "0.3",
            "PORTAL_WATCH_S": "1",
            **env,
        }

    def start(self) -> subprocess.Popen[bytes]:
        argv = [
            *(sys.executable, "-m", "celery", "--app", "portal.celery", "worker", "--pool", "threads"),
            *("--concurrency", "2", "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
        with self._log.open("ab") as log:
            process = subprocess.Popen(argv, cwd=ROOT, env=self._env, stdout=log, stderr=log)
        self._processes.append(process)
        return process

    def close(self) -> None:
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait(20)


def database_url() -> str:
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{held['NAME']}"
    return f"postgres://{held['USER']}:{held['PASSWORD']}@{held['HOST']}:{held['PORT']}/{held['NAME']}"


def wait_for(condition: Callable[[], Any], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)
