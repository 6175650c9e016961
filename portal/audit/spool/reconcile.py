"""Compares a worker's spool with the ledger: what was copied after its commit must still be there."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

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


class Standing(NamedTuple):
    """How one copied entry stands to the ledger: whether it is held there, or another in its place."""

    entry: dict[str, Any]
    is_held: bool
    is_other: bool


def spool_findings(spool: Path | None = None) -> Iterator[Problem]:
    """What a spool (this machine's, unless one is named) holds and the ledger does not, or holds otherwise.

    It sees entries that were removed before any checkpoint covered them, also together with their run's
    counter. What a restored database has lost with two people's authority is not told again. A machine
    without a spool has nothing to say.
    """
    restored_at = Intake.objects.filter(event=Event.LEDGER_RESTORE).aggregate(at=Max("at"))["at"]
    for folder in days_in(spool or spool_directory()):
        yield from _of_day(folder, restored_at)


def reconcile(brought: Path | None = None) -> list[Problem]:
    """Compare, raise the alarm once for what was found, and remove days that are over and all there.

    `brought` is the spool of another machine, as `brought.check_brought` let it pass; nothing of it goes.
    """
    found = list(spool_findings(brought))
    for problem in found:
        log.error("ledger.spool_differs", problem=problem.message)
    if found and not Verification.objects.filter(first_bad=found[0].message).exists():
        _alarm(found[0].message, brought or spool_directory())
    if not found and brought is None:
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
    for copy, standing in zip(page, standing_of(page), strict=True):
        entry = standing.entry
        lost = restored_at is not None and datetime.fromisoformat(entry["at"]) < restored_at
        if not standing.is_held and not lost:
            what = "is not the one that was copied" if standing.is_other else "was removed"
            place = f"Entry {entry['rs']} of run {entry['sub']['run']} ({entry['t']})"
            yield Problem(f"{place} {what}: the spool {copy.file.parents[2]} holds it.")


def standing_of(page: Sequence[Copied]) -> list[Standing]:
    """How each of these copies stands to the ledger, by run and number, which are unique and indexed."""
    said = [json.loads(copy.content) for copy in page]
    places = [(entry["sub"]["run"], entry["rs"]) for entry in said]
    rows = Intake.objects.filter(run__in={run for run, _ in places}, rs__in={rs for _, rs in places})
    held = {(run, rs): bytes(leaf) for run, rs, leaf in rows.values_list("run", "rs", "leaf")}
    return [
        Standing(entry, held.get(place) == copy.leaf, place in held)
        for copy, entry, place in zip(page, said, places, strict=True)
    ]


def _alarm(message: str, spool: Path) -> None:
    size = ledger_size()
    with transaction.atomic():
        record(
            Event.LEDGER_ALARM,
            Actor.portal(),
            {},
            {"reason": message, "size": size, "spool": str(spool)},
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
