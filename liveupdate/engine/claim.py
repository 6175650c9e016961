"""Who executes a run: claims with a lease and an epoch, by the database's clock."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from liveupdate.engine.recordable import is_unrecordable
from liveupdate.engine.release import is_held, let_go
from liveupdate.engine.room import has_room, hold_room, say_what_is_full
from liveupdate.models import Run
from liveupdate.states import RunState
from portal import statements
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import PortalError

CLAIMABLE = (RunState.QUEUED, RunState.RUNNING, RunState.CONTACT_LOST, RunState.RESTORING)


class LostClaim(PortalError):
    """Another worker owns the run now, or may: this one writes and sends nothing more."""

    code = "lost_claim"

    def __init__(self, run_id: int, epoch: int) -> None:
        super().__init__(f"Run {run_id} is no longer this worker's (epoch {epoch} has passed).")


@dataclass(slots=True)
class Claim:
    """One worker's right to write for a run, until its lease runs out or a higher epoch exists.

    `fresh_until` is the lease's end on this process's monotonic clock, so that a worker that was
    frozen knows it before it asks anybody.
    """

    run_id: int
    epoch: int
    worker: str
    fresh_until: float
    lost: threading.Event = field(default_factory=threading.Event)
    abort_asked: threading.Event = field(default_factory=threading.Event)

    @property
    def actor(self) -> Actor:
        """The worker as the ledger names it."""
        return Actor.worker(self.worker)

    def check(self) -> None:
        """Raise LostClaim unless the lease surely holds; asked right before anything is sent."""
        if self.lost.is_set() or time.monotonic() > self.fresh_until:
            raise LostClaim(self.run_id, self.epoch)


def lease() -> timedelta:
    """How long a claim holds without being renewed."""
    return timedelta(seconds=settings.PORTAL_LEASE_S)


def claimable() -> QuerySet[Run]:
    """The runs that wait for a worker, oldest first: queued ones for which there is room and which no
    campaign holds, given back, or left by a worker that stopped renewing.
    """
    return waiting().filter(has_room(), let_go())


def waiting() -> QuerySet[Run]:
    """The same with those that are kept waiting."""
    free = Q(owner="") | Q(lease_until__lt=Now())
    return Run.objects.filter(free, state__in=CLAIMABLE).order_by("pk")


def to_begin() -> QuerySet[Run]:
    """What a worker that looks around takes up: claimable runs, and those not told yet why they wait."""
    return waiting().filter(has_room() & let_go() | Q(reason=""))


def end_leases(owners: str, *, besides: str) -> None:
    """End now what owners whose names begin so hold, but for one: they are known to be dead."""
    dead = Run.objects.filter(owner__startswith=owners).exclude(owner=besides)
    dead.update(lease_until=Now() - timedelta(seconds=1))


def take(run_id: int, worker: str) -> Claim | None:
    """Claim a run; None when it is another's, does not wait for a worker, its campaign holds
    it, or there is no room for it.
    """
    asked_at = time.monotonic()
    with transaction.atomic():
        hold_room(run_id)
        if is_held(run_id) or is_unrecordable(run_id):
            return None
        before = Run.objects.filter(pk=run_id).values_list("owner", flat=True).first()
        earlier = now()
        won = (
            claimable()
            .order_by()
            .filter(pk=run_id)
            .update(epoch=F("epoch") + 1, owner=worker, lease_until=Now() + lease())
        )
        if not won:
            say_what_is_full(run_id)
            return None
        later = now()
        run = Run.objects.select_related("plan", "request").get(pk=run_id)
        claim = Claim(run.pk, run.epoch, worker, asked_at + settings.PORTAL_LEASE_S)
        record(
            Event.RUN_ADOPT if before else Event.RUN_CLAIM,
            claim.actor,
            {"request": run.request.number, "run": run.pk, "plan": run.plan.digest},
            {
                "state": run.state,
                "owner_before": before or "",
                "clock_ahead_ms": _ahead_ms(earlier, later, run),
            },
            run=run.pk,
            epoch=run.epoch,
        )
    return claim


def _ahead_ms(earlier: datetime, later: datetime, run: Run) -> int:
    """By how much at least this machine's clock goes before the database's; negative: behind (PCI DSS 10.6).

    The claim was made between `earlier` and `later`, and its lease begins by the database's clock.
    """
    assert run.lease_until is not None
    moment = run.lease_until - lease()
    ahead = max(earlier - moment, timedelta()) - max(moment - later, timedelta())
    return round(ahead / timedelta(milliseconds=1))


@contextmanager
def fenced(claim: Claim) -> Iterator[None]:
    """A transaction that holds the run's row and is this claim's. Raises LostClaim."""
    with transaction.atomic():
        if not statements.lock(Run, claim.run_id, {"epoch": claim.epoch}):
            claim.lost.set()
            raise LostClaim(claim.run_id, claim.epoch)
        yield
