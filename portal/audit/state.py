"""The ledger's state in a few numbers, for pages and health."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from portal.audit import triggers
from portal.audit.models import Verification
from portal.audit.rows import instant
from portal.audit.sequencer import WINDOW
from portal.lib.clock import now

TICK_AFTER_S = 300.0
"""Idle seconds after which the sealer enters a tick and signs."""

_VERIFICATION = ("id", "finished_at", "ok", "size", "root", "first_bad", "seconds")
_STATE = """
SELECT (SELECT max(seq) + 1 FROM ledger_entry),
  (SELECT e.seq IS NULL FROM ledger_intake i LEFT JOIN ledger_entry e ON e.intake_id = i.id
   ORDER BY i.id DESC LIMIT 1),
  ({triggers}),
  c.size, c.root, CAST(c.signed_at AS TEXT),
  CAST(coalesce(
    (SELECT i.at FROM ledger_entry e JOIN ledger_intake i ON i.id = e.intake_id
     WHERE e.seq = coalesce(c.size, 0)),
    (SELECT min(i.at) FROM ledger_intake i
     WHERE i.id > coalesce((SELECT max(id) FROM ledger_intake), 0) - {window}
       AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.intake_id = i.id))) AS TEXT),
  v.id, CAST(v.finished_at AS TEXT), v.ok, v.size, v.root, v.first_bad, v.seconds
FROM (SELECT 1) AS always
LEFT JOIN (SELECT * FROM ledger_checkpoint ORDER BY size DESC LIMIT 1) c ON 1 = 1
LEFT JOIN (SELECT * FROM ledger_verification ORDER BY id DESC LIMIT 1) v ON 1 = 1
"""


@dataclass(frozen=True, slots=True)
class LedgerState:
    """What can be said of the ledger without reading it all. Ages in seconds."""

    size: int
    waiting: bool
    signed: int
    root: str
    checkpoint_at: datetime | None
    checkpoint_age_s: float | None
    unsigned_age_s: float | None
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
    def away(self) -> bool:
        """An entry waits for a checkpoint since longer than a sealer that works ever takes."""
        return self.unsigned_age_s is not None and self.unsigned_age_s > settings.PORTAL_SEALER_AWAY_S

    @property
    def verdict(self) -> str:
        """`bad`, `good`, or `never` verified."""
        if self.verification is None:
            return "never"
        return "good" if self.verification.ok and not self.missing_triggers else "bad"


def ledger_state() -> LedgerState:
    """Read the state, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE.format(triggers=triggers.present_query(connection.vendor), window=WINDOW))
        size, waiting, present, signed, root, signed_at, unsigned_at, *verification = cursor.fetchone()
    checkpoint_at = instant(signed_at) if signed_at else None
    return LedgerState(
        size=size or 0,
        waiting=bool(waiting),
        signed=signed or 0,
        root=bytes(root).hex() if root else "",
        checkpoint_at=checkpoint_at,
        checkpoint_age_s=(now() - checkpoint_at).total_seconds() if checkpoint_at else None,
        unsigned_age_s=(now() - instant(unsigned_at)).total_seconds() if unsigned_at else None,
        verification=_verification(verification) if verification[0] else None,
        missing_triggers=tuple(triggers.missing_among(connection.vendor, present)),
    )


def _verification(values: Sequence[Any]) -> Verification:
    named: dict[str, Any] = dict(zip(_VERIFICATION, values, strict=True))
    named |= {"finished_at": instant(named["finished_at"]), "ok": bool(named["ok"])}
    return Verification(**named)
