"""When the ledger is ordered and signed."""

import os
import time
from threading import Event as Bell

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.hold import current_hold
from portal.audit.models import Checkpoint, Entry, Intake, Verification
from portal.audit.record import record
from portal.audit.sequencer import Sequencer
from portal.audit.signer import Signer, SignerFiles
from portal.audit.state import TICK_AFTER_S
from portal.audit.tree import ledger_size
from portal.lib.clock import now
from portal.lib.errors import Conflict, PortalError

WAKE_S = 0.3
SIGN_AFTER_S = 60.0
SIGN_AFTER_ENTRIES = 256
RETRY_S = 2.0
SEALED_WITHIN_S = 10.0
SIGNED_AT_ONCE = (
    Event.RUN_END,
    Event.EXPORT_ASK,
    Event.EXPORT_CREATE,
    Event.REPORT_ASK,
    Event.LEDGER_TICK,
    Event.APP_STOP,
)

log = structlog.get_logger(__name__)


def seal_now() -> Checkpoint | None:
    """Order and sign everything entered so far. Raises SealRefused.

    Needs the signing key's file, as the sealer does; the sealer may run meanwhile.
    """
    Sequencer().place_all()
    return _signer().sign()


def seal_up_to_now() -> None:
    """Return once a checkpoint covers the newest entry that asks for one, and with it all before.

    What came after may wait for its checkpoint for 60 s; whoever reads now leaves it out. Raises as
    `wait_until_sealed`.
    """
    asking = Intake.objects.filter(event__in=SIGNED_AT_ONCE).order_by("-id").first()
    newest = asking or Intake.objects.order_by("-id").first()
    if newest is not None:
        wait_until_sealed(newest)


def wait_until_sealed(intake: Intake) -> None:
    """Return once a checkpoint covers `intake`: sign where this user holds the key, else await the sealer.

    Raises Conflict when no sealer signs within 10 s, and SealRefused.
    """
    key = SignerFiles.from_settings().key
    if not Checkpoint.objects.exists() or os.access(key, os.R_OK):
        seal_now()
    deadline = time.monotonic() + SEALED_WITHIN_S
    while not _is_sealed(intake):
        if time.monotonic() > deadline:
            raise Conflict(
                f"No checkpoint came within {SEALED_WITHIN_S:.0f} s.",
                remedy="Start the sealer (manage.py audit_sealer), or read why it refuses in its log.",
                code="nothing_signed",
            )
        time.sleep(0.1)


def _is_sealed(intake: Intake) -> bool:
    seq = Entry.objects.filter(intake=intake).values_list("seq", flat=True).first()
    return seq is not None and Checkpoint.objects.filter(size__gt=seq).exists()


class Sealer:
    """Orders entries as they come; signs after 60 s, 256 entries, a run's end, an export, 5 idle minutes."""

    def __init__(self) -> None:
        self.sequencer = Sequencer()
        self.signer = _signer()
        self._tried_size = 0
        self._tried_at = self._unsigned_since = time.monotonic()
        self._refusal = ""
        self._first_round = True

    def run(self, stop: Bell) -> None:
        """Work until `stop` rings, then seal what is there. A database or disk that is away is retried."""
        while not stop.is_set():
            try:
                self.round()
                pause = WAKE_S
            except (OperationalError, InterfaceError, OSError) as error:
                log.warning("ledger.sealer_waits", error=str(error))
                connection.close()
                pause = RETRY_S
            stop.wait(pause)
        if current_hold() is None:
            self.sequencer.place_all()
            self._sign()

    def round(self) -> None:
        """One look at the ledger. Nothing gets a place in one that is not what was signed."""
        hold = current_hold()
        if hold is not None:
            self._alarm(hold.reason)
            return
        placed = self.sequencer.place_all()
        clock = time.monotonic()
        size = placed.stop
        if size > self._tried_size and self._unsigned_since < self._tried_at:
            self._unsigned_since = clock
        if self._due(placed, clock):
            self._sign()
        elif size == self._tried_size and clock - self._tried_at >= TICK_AFTER_S:
            self._tick(size)

    def _due(self, placed: range, clock: float) -> bool:
        if self._first_round:
            self._first_round = False
            return True
        unsigned = placed.stop - self._tried_size
        if unsigned <= 0:
            return unsigned < 0
        return (
            unsigned >= SIGN_AFTER_ENTRIES
            or clock - self._unsigned_since >= SIGN_AFTER_S
            or Intake.objects.filter(
                entry__seq__gte=placed.start, entry__seq__lt=placed.stop, event__in=SIGNED_AT_ONCE
            ).exists()
        )

    def _tick(self, size: int) -> None:
        with transaction.atomic():
            record(Event.LEDGER_TICK, Actor.portal(), {}, {"size": size})
        self.sequencer.place_all()
        self._sign()

    def _sign(self) -> None:
        try:
            checkpoint = self.signer.sign()
        except PortalError as refusal:
            self._alarm(str(refusal.message))
            self._tried_size = ledger_size()
        else:
            self._refusal = ""
            self._tried_size = checkpoint.size if checkpoint else 0
        self._tried_at = time.monotonic()

    def _alarm(self, message: str) -> None:
        log.error("ledger.seal_refused", reason=message)
        if message == self._refusal:
            return
        self._refusal = message
        size = ledger_size()
        with transaction.atomic():
            record(Event.LEDGER_ALARM, Actor.portal(), {}, {"reason": message, "size": size})
            Verification.objects.create(
                finished_at=now(), ok=False, size=size, root="", first_bad=message, seconds=0
            )


def _signer() -> Signer:
    return Signer(SignerFiles.from_settings(), settings.LEDGER_ORIGIN)
