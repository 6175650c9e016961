"""The whole ledger is verified once a day, by a process beside whoever asks for it."""

import subprocess
import sys
import time
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet

from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.models import Entry, Verification
from portal.audit.record import record
from portal.env import BASE_DIR
from portal.lib.clock import now

VERIFY = (sys.executable, str(BASE_DIR / "manage.py"), "audit_verify")
NICE = ("nice", "-n", "10")
AGAIN_AFTER_S = 600.0
"""Pause after a verification that came to no result."""
STOPPED_WITHIN_S = 5.0

log = structlog.get_logger(__name__)


class DailyVerification:
    """Starts a verification when the newest is `hours` old; enters each result into the ledger.

    A bad result, and a verification that came to none, are logged as errors. `hours` 0: never.
    """

    def __init__(self, hours: float, command: tuple[str, ...] = (*NICE, *VERIFY)) -> None:
        self._after = timedelta(hours=hours)
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._before = 0
        self._rest_until = 0.0

    def look(self) -> None:
        """Start what is due, take what has ended. Returns at once."""
        if self._process is not None:
            status = self._process.poll()
            if status is not None:
                self._process = None
                self._ended(status)
        elif self._after and time.monotonic() >= self._rest_until and self._due():
            self._before = _newest_id()
            self._process = subprocess.Popen(  # noqa: S603 - a fixed argument list, no shell
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )

    def stop(self) -> None:
        """End a verification that runs."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOPPED_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _due(self) -> bool:
        done = _finished().values_list("finished_at", flat=True).first()
        return Entry.objects.exists() if done is None else now() - done >= self._after

    def _ended(self, status: int) -> None:
        found = _finished().filter(pk__gt=self._before).first()
        if found is None:
            log.error("ledger.verification_failed", status=status, again_after_s=AGAIN_AFTER_S)
            self._rest_until = time.monotonic() + AGAIN_AFTER_S
            return
        data = {"ok": found.ok, "size": found.size, "root": found.root, "first_bad": found.first_bad or None}
        with transaction.atomic():
            record(Event.LEDGER_VERIFY, Actor.portal(), {}, data)
        if found.ok:
            log.info("ledger.verified", size=found.size, seconds=found.seconds)
        else:
            log.error("ledger.bad", first_bad=found.first_bad, size=found.size)


def _finished() -> QuerySet[Verification]:
    """Verifications that came to an end, the newest first; a refusal of the signer is none."""
    return Verification.objects.exclude(root="")


def _newest_id() -> int:
    return Verification.objects.values_list("pk", flat=True).first() or 0
