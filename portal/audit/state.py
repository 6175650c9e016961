"""The ledger's state in a few numbers, for pages and health."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from portal.audit import triggers
from portal.audit.models import Checkpoint, Intake, Verification
from portal.audit.tree import ledger_size
from portal.lib.clock import now

TICK_AFTER_S = 300.0
"""Idle seconds after which the sealer enters a tick and signs."""


@dataclass(frozen=True, slots=True)
class LedgerState:
    """What can be said of the ledger without reading it all. Ages in seconds."""

    size: int
    waiting: bool
    signed: int
    root: str
    checkpoint_at: datetime | None
    checkpoint_age_s: float | None
    verification: Verification | None
    missing_triggers: tuple[str, ...]

    @property
    def unsigned(self) -> int:
        """Entries in order that no checkpoint vouches for yet."""
        return max(0, self.size - self.signed)

    @property
    def overdue(self) -> bool:
        """No checkpoint came for two ticks, while even an idle ledger gets one at each."""
        age = self.checkpoint_age_s
        return self.waiting or self.size > 0 if age is None else age > 2 * TICK_AFTER_S

    @property
    def verdict(self) -> str:
        """`bad`, `good`, or `never` verified."""
        if self.verification is None:
            return "never"
        return "good" if self.verification.ok and not self.missing_triggers else "bad"


def ledger_state() -> LedgerState:
    """Read the state: six small queries."""
    checkpoint = Checkpoint.objects.order_by("-size").first()
    newest = Intake.objects.order_by("-id").values_list("id", "entry").first()
    return LedgerState(
        size=ledger_size(),
        waiting=newest is not None and newest[1] is None,
        signed=checkpoint.size if checkpoint else 0,
        root=bytes(checkpoint.root).hex() if checkpoint else "",
        checkpoint_at=checkpoint.signed_at if checkpoint else None,
        checkpoint_age_s=(now() - checkpoint.signed_at).total_seconds() if checkpoint else None,
        verification=Verification.objects.first(),
        missing_triggers=tuple(triggers.missing(connection)),
    )
