"""The worker process: begins runs in threads of their own, and looks for what no bell announced."""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterable
from functools import partial

from django.conf import settings
from django.db import DatabaseError, connections

from liveupdate.engine.claim import end_leases, to_begin
from liveupdate.engine.execution import execute
from liveupdate.engine.stopping import stopping
from portal.lib.errors import PortalError

log = logging.getLogger(__name__)
SEAT = os.environ.get("PORTAL_WORKER_SEAT", "")
"""Names the place of a supervised worker: who sits there knows that whoever sat there before is dead."""
NAME = f"{socket.gethostname()}:{SEAT and SEAT + '/'}{os.getpid()}:{secrets.token_hex(3)}"
"""This process as a claim's owner: no other process ever has the same name."""
STOP_S = 20.0
MOST_AT_ONCE = 256
"""Errands that a process does at once: a flood of bells (threat T25) takes neither its threads nor all
connections of the database. What waits beyond is found by a later scan."""

Errand = Callable[[int], None]


class Worker:
    """Does each errand (a run, a look, a plan) in a thread of its own, one thread per errand and id."""

    def __init__(self) -> None:
        self._threads: dict[tuple[str, int], threading.Thread] = {}
        self._lock = threading.Lock()
        self._scanner: threading.Thread | None = None

    def begin(self, what: str, pk: int, errand: Errand) -> None:
        """Do an errand, unless it is being done in this process, which does enough or is stopping."""
        with self._lock:
            full = len(self._threads) >= MOST_AT_ONCE
            if stopping.is_set() or full or (what, pk) in self._threads:
                return
            thread = threading.Thread(
                target=self._do, args=(what, pk, errand), name=f"{what}-{pk}", daemon=True
            )
            self._threads[(what, pk)] = thread
            thread.start()

    def inherit(self) -> None:
        """Let what a dead predecessor on this seat held be taken up without waiting for its lease."""
        if SEAT:
            end_leases(f"{socket.gethostname()}:{SEAT}/", besides=NAME)

    def begin_run(self, run_id: int) -> None:
        """Execute a run, if it waits for a worker."""
        self.begin("run", run_id, partial(execute, worker=NAME))

    def _do(self, what: str, pk: int, errand: Errand) -> None:
        try:
            errand(pk)
        except (DatabaseError, PortalError):
            log.exception("%s %s is left as it is, to be taken up again", what, pk)
        finally:
            connections.close_all()
            with self._lock:
                del self._threads[(what, pk)]

    def scan(self, waiting: Iterable[tuple[str, Callable[[], list[int]], Errand]] = ()) -> None:
        """Every few seconds begin what waits, whether or not a bell rang, until the process stops."""
        while not stopping.wait(settings.PORTAL_SCAN_S):
            try:
                for run_id in to_begin().values_list("pk", flat=True):
                    self.begin_run(run_id)
                for what, find, errand in waiting:
                    for pk in find():
                        self.begin(what, pk, errand)
            except DatabaseError:
                log.warning("the scan for waiting work failed; trying again", exc_info=True)
                connections.close_all()
        connections.close_all()

    def start_scanning(self, waiting: Iterable[tuple[str, Callable[[], list[int]], Errand]]) -> None:
        """Scan in the background."""
        self._scanner = threading.Thread(target=self.scan, args=(waiting,), name="scan", daemon=True)
        self._scanner.start()

    def stop(self) -> None:
        """Hand every run back and wait until that is done; what runs on targets is untouched."""
        stopping.set()
        with self._lock:
            threads = list(self._threads.values())
        for thread in threads:
            thread.join(STOP_S)


worker = Worker()
