"""Writes the output of all runs of this process: few transactions, each for everything that waits."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction

from liveupdate.engine.tape import Tape, Written
from liveupdate.models import Run
from liveupdate.pages.run_feed import feed_name
from portal.audit.chunks import store_chunks
from portal.audit.record import StaleEpoch
from portal.web import bell

log = logging.getLogger(__name__)
INTERVAL_S = 0.2


class Flusher:
    """Flushes the tapes that are being carried: every 200 ms while anything waits, at once when much does."""

    def __init__(self) -> None:
        self._tapes: set[Tape] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._hurry = threading.Event()

    @contextmanager
    def carrying(self, tape: Tape) -> Iterator[Tape]:
        """Write what `tape` takes in, inside the block; the end of it is the caller's to write."""
        tape.hurry = self._hurry
        with self._lock:
            self._tapes.add(tape)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="output-flusher", daemon=True)
                self._thread.start()
        try:
            yield tape
        finally:
            with self._lock:
                self._tapes.discard(tape)

    def _run(self) -> None:
        while True:
            self._hurry.wait(INTERVAL_S)
            self._hurry.clear()
            with self._lock:
                if not self._tapes:
                    self._thread = None
                    break
                waiting = [tape for tape in self._tapes if tape.due]
            try:
                flush(waiting)
            except (DatabaseError, StaleEpoch):
                log.warning("output could not be stored yet; trying again", exc_info=True)
                connection.close()
                for tape in waiting:
                    tape.spill()
        connection.close()


def flush(tapes: list[Tape]) -> None:
    """Write what waits on these tapes in one transaction; tapes that are being written are left out."""
    held = [tape for tape in tapes if tape.writing.acquire(blocking=False)]
    if not held:
        return
    try:
        for tape in held:
            tape.journal.forget_copies()
        with transaction.atomic():
            batches = [(tape, _written(tape)) for tape in _ours(held)]
            store_chunks([chunk for _, batch in batches for chunk in batch.chunks])
        for tape, batch in batches:
            tape.written(batch)
            tape.journal.committed()
        for run_id in {tape.claim.run_id for tape, _ in batches}:
            bell.ring(feed_name(run_id))
    finally:
        for tape in held:
            tape.writing.release()


def _written(tape: Tape) -> Written:
    with tape.journal.page():
        return tape.write()


def _ours(tapes: list[Tape]) -> Iterator[Tape]:
    """The tapes whose claim still holds, with their runs' rows locked in order."""
    runs = Run.objects.select_for_update().filter(pk__in={tape.claim.run_id for tape in tapes})
    epochs = dict(runs.order_by("pk").values_list("pk", "epoch"))
    for tape in tapes:
        if epochs.get(tape.claim.run_id) == tape.claim.epoch:
            yield tape
        else:
            tape.claim.lost.set()


flusher = Flusher()
