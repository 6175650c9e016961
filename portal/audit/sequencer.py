"""Gives entered rows their place in the ledger."""

import time

from django.db import connection, transaction

from portal.audit.models import Intake
from portal.audit.tree import complete_tiles, ledger_size

BATCH = 2_000
LOCK_ID = 0x6C65_6467  # "ledg"
FULL_SCAN_S = 300.0
WINDOW = 2_000

WAITING = """
SELECT i.id, i.leaf FROM ledger_intake i
WHERE i.id > %s AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.intake_id = i.id)
ORDER BY i.id LIMIT %s
"""
PLACE = f"""
INSERT INTO ledger_entry (seq, intake_id, leaf)
SELECT %s - 1 + row_number() OVER (ORDER BY w.id), w.id, w.leaf FROM ({WAITING}) w
"""  # noqa: S608 - the query above


class Sequencer:
    """Places rows in batches, one sequencer at a time (advisory lock, or SQLite's write lock).

    A row waits as long as no entry points to it. It is never sought by "id above the last one": a
    transaction that took a lower id may commit later. The search starts `WINDOW` ids below the
    newest row, and every five minutes at the very beginning, so that a straggler comes late at
    worst, never not at all.
    """

    def __init__(self) -> None:
        self._floor = 0
        self._full_scan_at = float("-inf")

    def place_all(self) -> range:
        """Place every waiting row; returns the new positions."""
        if time.monotonic() - self._full_scan_at >= FULL_SCAN_S:
            self._floor, self._full_scan_at = 0, time.monotonic()
        newest = Intake.objects.order_by("-id").values_list("id", flat=True).first() or 0
        placed = self._place_waiting()
        self._floor = max(self._floor, newest - WINDOW)
        return placed

    def _place_waiting(self) -> range:
        first = last = ledger_size()
        if self._anything_waits():
            batch = self._place_batch()
            first, last = batch.start, batch.stop
            while len(batch) == BATCH:
                batch = self._place_batch()
                last = batch.stop
        return range(first, last)

    def _place_batch(self) -> range:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_ID])
            size = ledger_size()
            cursor.execute(PLACE, [size, self._floor, BATCH])
            grown = size + cursor.rowcount
            complete_tiles(size, grown)
            return range(size, grown)

    def _anything_waits(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(WAITING, [self._floor, 1])
            return cursor.fetchone() is not None
