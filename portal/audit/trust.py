"""What the ledger's word rests on now: chain, anchors, queue, verification, and what was done to it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.audit.anchors.configured import RECOMMENDED, configured_anchors
from portal.audit.events import Event
from portal.audit.hold import current_hold
from portal.audit.models import AnchorState, Hold, Intake
from portal.audit.state import LedgerState, ledger_state

NEWEST = 10
"""Acts and alarms that are shown."""
WORDS = {
    "rotated": "The signing key was changed",
    "replaced": "A lost signing key was replaced",
    "recovered": "The signer's lost memory was recovered",
}
ACTS = (Event.LEDGER_REKEY, Event.LEDGER_RESTORE, Event.LEDGER_PRUNE, Event.REDACT_LATE)


@dataclass(frozen=True, slots=True)
class AnchorHealth:
    """One anchor: how many of the `signed` entries its newest checkpoint covers, and whether it answers.

    `state` is `sent` (it has the newest, or rests as it should), `waiting`, or `failed`.
    """

    name: str
    kind: str
    state: str
    covered: int
    signed: int
    published_at: datetime | None
    failing_since: datetime | None
    error: str

    @property
    def behind(self) -> int:
        """Signed entries that it does not vouch for yet."""
        return max(0, self.signed - self.covered)


@dataclass(frozen=True, slots=True)
class Happening:
    """An alarm or an act of two people: its entry, and what it says in a sentence."""

    entry: int
    at: datetime
    event: str
    words: str


@dataclass(frozen=True, slots=True)
class Trust:
    """Everything together."""

    ledger: LedgerState
    anchors: list[AnchorHealth]
    queue: int
    hold: Hold | None
    acts: list[Happening]
    alarms: list[Happening]

    @property
    def few(self) -> bool:
        """Fewer anchors than a portal should have that others can believe."""
        return len(self.anchors) < RECOMMENDED

    @property
    def verified(self) -> int:
        """Entries that the newest verification found good."""
        found = self.ledger.verification
        return found.size if found is not None and found.ok else 0


def trust() -> Trust:
    """Read it, with a few queries whatever the ledger holds."""
    ledger = ledger_state()
    queue = Intake.objects.filter(entry=None).count() if ledger.waiting else 0
    return Trust(
        ledger,
        anchor_health(ledger.signed),
        queue,
        current_hold(),
        _happened(ACTS),
        _happened((Event.LEDGER_ALARM,)),
    )


def anchor_health(signed: int) -> list[AnchorHealth]:
    """Each configured anchor, in the order of the settings."""
    states = {state.name: state for state in AnchorState.objects.all()}
    found = []
    for anchor in configured_anchors():
        state = states.get(anchor.name) or AnchorState(name=anchor.name, kind=anchor.kind)
        waits = state.size < signed and not (anchor.pause and state.published_at)
        word = "failed" if state.failures else "waiting" if waits else "sent"
        found.append(
            AnchorHealth(
                anchor.name,
                anchor.kind,
                word,
                min(state.size, signed),
                signed,
                state.published_at,
                state.failing_since,
                state.error,
            )
        )
    return found


def anchors_answer() -> bool:
    """Whether no anchor fails."""
    return not AnchorState.objects.filter(failures__gt=0).exists()


def _happened(events: tuple[Event, ...]) -> list[Happening]:
    rows = Intake.objects.filter(event__in=events).order_by("-id")[:NEWEST]
    return [Happening(row.pk, row.at, row.event, _words(bytes(row.content))) for row in rows]


def _words(content: bytes) -> str:
    try:
        said: dict[str, Any] = json.loads(content)["d"]
    except (ValueError, KeyError):
        return "The entry was damaged."
    if "act" in said:
        return f"{WORDS.get(said['act'], said['act'])}: {said['reason']}"
    if "way" in said:
        way = "were put back" if said["way"] == "imported" else "were given up"
        return f"Entries {said['from']} to {said['to'] - 1} {way}: {said['reason']}"
    return str(said.get("reason", ""))
