"""Compares a worker's spool with the ledger: what was copied after its commit must still be there."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.models import Checkpoint, Entry, Intake, Verification
from portal.audit.record import record
from portal.audit.spool.place import spool_directory
from portal.audit.spool.reading import Copied, copies_in, damaged_in, days_in
from portal.audit.tree import ledger_size
from portal.audit.verification.report import Problem
from portal.lib.clock import now

PAGE = 400

log = structlog.get_logger(__name__)


def spool_findings() -> Iterator[Problem]:
    """What this machine's spool holds and the ledger does not, or holds otherwise.

    It sees entries that were removed before any checkpoint covered them, also together with their run's
    counter. What a restored database has lost with two people's authority is not told again. A machine
    without a spool has nothing to say.
    """
    restored_at = Intake.objects.filter(event=Event.LEDGER_RESTORE).aggregate(at=Max("at"))["at"]
    for folder in days_in(spool_directory()):
        yield from _of_day(folder, restored_at)


def reconcile() -> list[Problem]:
    """Compare, raise the alarm once for what was found, and remove days that are over and all there."""
    found = list(spool_findings())
    for problem in found:
        log.error("ledger.spool_differs", problem=problem.message)
    if found and not Verification.objects.filter(first_bad=found[0].message).exists():
        _alarm(found[0].message)
    if not found:
        _sweep()
    return found


class Rounds:
    """When a worker compares its spool: soon after its start, then every `PORTAL_VERIFY_HOURS` (0: never)."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def due(self) -> list[int]:
        """Something to do, or nothing."""
        return [0] if settings.PORTAL_VERIFY_HOURS and time.monotonic() >= self._next_at else []

    def compare(self, _number: int) -> None:
        """Do it. Raises DatabaseError, after which it is tried at the next time."""
        self._next_at = time.monotonic() + settings.PORTAL_VERIFY_HOURS * 3600
        reconcile()


def _of_day(folder: Path, restored_at: datetime | None) -> Iterator[Problem]:
    for file in damaged_in(folder):
        yield Problem(f"The spool's file {file} holds a copy that was altered.")
    copies = copies_in(folder)
    while page := list(islice(copies, PAGE)):
        yield from _missing(page, restored_at)


def _missing(page: Sequence[Copied], restored_at: datetime | None) -> Iterator[Problem]:
    """Entries of runs are found by run and number, which are unique and indexed."""
    said = {copy.leaf: json.loads(copy.content) for copy in page}
    places = {leaf: (entry["sub"]["run"], entry["rs"]) for leaf, entry in said.items()}
    rows = Intake.objects.filter(
        run__in={run for run, _ in places.values()}, rs__in={rs for _, rs in places.values()}
    )
    held = {(run, rs): bytes(leaf) for run, rs, leaf in rows.values_list("run", "rs", "leaf")}
    for leaf, (run, rs) in places.items():
        lost = restored_at is not None and datetime.fromisoformat(said[leaf]["at"]) < restored_at
        if held.get((run, rs)) != leaf and not lost:
            what = "is not the one that was copied" if (run, rs) in held else "was removed"
            yield Problem(
                f"Entry {rs} of run {run} ({said[leaf]['t']}) {what}: the spool {spool_directory()} holds it."
            )


def _alarm(message: str) -> None:
    size = ledger_size()
    with transaction.atomic():
        record(
            Event.LEDGER_ALARM,
            Actor.portal(),
            {},
            {"reason": message, "size": size, "spool": str(spool_directory())},
        )
        Verification.objects.create(
            finished_at=now(), ok=False, size=size, root="", first_bad=message, seconds=0
        )


def _sweep() -> None:
    """Remove days that are older than is kept, once everything of their time is signed."""
    before = now().date() - timedelta(days=settings.PORTAL_SPOOL_DAYS)
    signed = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    for folder in days_in(spool_directory()):
        day = date.fromisoformat(folder.name)
        unsigned = Intake.objects.filter(at__date__lte=day).exclude(
            pk__in=Entry.objects.filter(seq__lt=signed).values("intake")
        )
        if day >= before or unsigned.exists():
            return
        for file in folder.glob("*.log"):
            file.unlink()
        folder.rmdir()
