"""Keeps the claims of this process alive: one thread renews every lease and notices requests to abort."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from liveupdate.engine.claim import Claim, lease
from liveupdate.models import Run

log = logging.getLogger(__name__)
TICK_S = 1.0


class Keeper:
    """Renews claims while they are held. One instance serves the whole process."""

    def __init__(self) -> None:
        self._claims: dict[tuple[int, int], Claim] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def holding(self, claim: Claim) -> Iterator[None]:
        """Renew `claim` inside the block; it is left to expire, or was given back, afterwards."""
        key = (claim.run_id, claim.epoch)
        with self._lock:
            self._claims[key] = claim
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._keep, name="lease-keeper", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                del self._claims[key]

    def _keep(self) -> None:
        renew_at = 0.0
        while True:
            with self._lock:
                claims = list(self._claims.values())
                if not claims:
                    self._thread = None
                    break
            renew = time.monotonic() >= renew_at
            try:
                tend(claims, renew=renew)
            except DatabaseError:
                log.warning("leases could not be looked after; trying again", exc_info=True)
                connection.close()
            else:
                if renew:
                    renew_at = time.monotonic() + settings.PORTAL_LEASE_S / 4
            time.sleep(min(TICK_S, settings.PORTAL_LEASE_S / 8))
        connection.close()


def tend(claims: list[Claim], *, renew: bool) -> None:
    """Renew the leases that are still ours, mark lost claims, and pass on requests to abort."""
    asked_at = time.monotonic()
    if renew:
        for claim in claims:
            Run.objects.filter(pk=claim.run_id, epoch=claim.epoch, owner=claim.worker).update(
                lease_until=Now() + lease()
            )
    rows = Run.objects.filter(pk__in=[claim.run_id for claim in claims])
    seen = {pk: (epoch, owner, abort) for pk, epoch, owner, abort in rows.values_list(*_COLUMNS)}
    for claim in claims:
        epoch, owner, abort_asked_at = seen.get(claim.run_id, (None, "", None))
        if (epoch, owner) != (claim.epoch, claim.worker):
            claim.lost.set()
        elif renew:
            claim.fresh_until = asked_at + settings.PORTAL_LEASE_S
        if abort_asked_at is not None:
            claim.abort_asked.set()


_COLUMNS = ("pk", "epoch", "owner", "abort_asked_at")
keeper = Keeper()
