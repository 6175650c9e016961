"""Brings every checkpoint to every anchor; what fails is tried again, told, and never forgotten."""

import time
from collections.abc import Sequence
from threading import Event as Bell
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction

from portal.audit.actor import Actor
from portal.audit.anchors.base import Anchor, AnchorContradicts, AnchorFailed, Answer, Published
from portal.audit.events import Event
from portal.audit.files import append_durably
from portal.audit.models import AnchorState, Checkpoint, Receipt
from portal.audit.note import BadNote
from portal.audit.record import record
from portal.audit.signer import SignerFiles
from portal.lib.canonical import canonical_json
from portal.lib.clock import now, rfc3339

WAKE_S = 1.0
BACKOFF_S = (2.0, 5.0, 10.0, 30.0, 60.0)
ALARM_AFTER = 3
"""Failures in a row that are an alarm; a contradiction is one at once."""
BATCH = 100

log = structlog.get_logger(__name__)


class Publisher:
    """Works beside the sealer, so that an anchor that does not answer keeps nobody waiting."""

    def __init__(self, anchors: Sequence[Anchor], files: SignerFiles) -> None:
        self.anchors = anchors
        self.files = files
        self._not_before: dict[str, float] = {}

    def run(self, stop: Bell) -> None:
        """Work until `stop` rings. A database or disk that is away is waited for."""
        while not stop.wait(WAKE_S):
            try:
                self.round()
            except (DatabaseError, OSError, BadNote) as error:
                log.warning("ledger.publisher_waits", error=str(error))
                connection.close()
        connection.close()

    def round(self) -> None:
        """Bring to each anchor what it does not have and may be tried now."""
        newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
        if newest is None:
            return
        for anchor in self.anchors:
            if time.monotonic() >= self._not_before.get(anchor.name, 0.0):
                self._serve(anchor, newest)

    def _serve(self, anchor: Anchor, newest: int) -> None:
        state, _ = AnchorState.objects.get_or_create(name=anchor.name, defaults={"kind": anchor.kind})
        rests = state.published_at is not None and now() - state.published_at < anchor.pause
        if state.size == newest or (rests and not state.failures):
            return
        try:
            for checkpoint in self._pending(anchor, state):
                answer = anchor.publish(checkpoint, state.size)
                self._took(anchor, state, checkpoint, answer)
        except AnchorFailed as failure:
            self._failed(anchor, state, failure, newest)

    def _pending(self, anchor: Anchor, state: AnchorState) -> list[Published]:
        """What this anchor does not have. Only what the log's keys have signed leaves the portal."""
        rows = Checkpoint.objects.filter(size__gt=state.size).order_by("size")
        if not anchor.every or not state.size:
            rows = Checkpoint.objects.order_by("-size")[:1]
        keys = self.files.log_keys()
        checkpoints = [Published(row.size, bytes(row.root), row.note, row.signed_at) for row in rows[:BATCH]]
        for checkpoint in checkpoints:
            keys.verify(checkpoint.note)
        return checkpoints

    def _took(self, anchor: Anchor, state: AnchorState, checkpoint: Published, answer: Answer | None) -> None:
        at, recovered = now(), state.failures >= ALARM_AFTER
        if anchor.kind != "file":
            more = answer.line if answer else {"checkpoint": checkpoint.note}
            line = canonical_json({"anchor": anchor.name, "at": rfc3339(at), **more}) + b"\n"
            append_durably(self.files.anchor, line, mode=0o644)
        with transaction.atomic():
            if answer is not None:
                _keep(anchor, checkpoint, answer, state)
            state.size, state.published_at = checkpoint.size, at
            state.failing_since, state.failures, state.error = None, 0, ""
            state.save()
            if recovered:
                _alarm(anchor, checkpoint.size, f"{anchor.name} takes checkpoints again.", over=True)

    def _failed(self, anchor: Anchor, state: AnchorState, failure: AnchorFailed, size: int) -> None:
        pause = BACKOFF_S[min(state.failures, len(BACKOFF_S) - 1)]
        self._not_before[anchor.name] = time.monotonic() + pause
        log.error("ledger.anchor_failed", anchor=anchor.name, reason=failure.message, again_after_s=pause)
        before, contradicts = state.failures, isinstance(failure, AnchorContradicts)
        state.failures = max(before + 1, ALARM_AFTER) if contradicts else before + 1
        state.failing_since = state.failing_since or now()
        state.error = f"{failure.message} {failure.remedy}".strip()
        with transaction.atomic():
            state.save()
            if before < ALARM_AFTER <= state.failures:
                _alarm(anchor, size, failure.message, over=False)


def _keep(anchor: Anchor, checkpoint: Published, answer: Answer, state: AnchorState) -> None:
    there = Receipt.objects.filter(anchor=anchor.name, size=checkpoint.size)
    if not there.exists():
        Receipt.objects.create(
            anchor=anchor.name, kind=answer.kind, size=checkpoint.size, content=answer.content, at=now()
        )


def _alarm(anchor: Anchor, size: int, reason: str, *, over: bool) -> None:
    data: dict[str, Any] = {"anchor": anchor.name, "over": over, "reason": reason, "size": size}
    record(Event.LEDGER_ALARM, Actor.portal(), {}, data)
