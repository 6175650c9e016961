"""`record`: the one way into the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.crypto import salted_hmac

from portal import statements
from portal.audit.actor import Actor
from portal.audit.channel import channel_of
from portal.audit.entry import RunPlace, entry_bytes
from portal.audit.events import Event
from portal.audit.merkle import leaf_hash
from portal.audit.models import Intake
from portal.audit.objects import object_of
from portal.audit.outcomes import outcome_of
from portal.lib.clock import now
from portal.lib.errors import PortalError

MAC_SALT = "portal.audit.intake"
MEMBERS = (
    *("content", "leaf", "mac", "event", "actor_kind", "actor_id"),
    *("channel", "action", "outcome", "object"),
    *("request", "run", "rs", "epoch", "at"),
)
CONTENT = MEMBERS.index("content")

NEXT = """
INSERT INTO ledger_run (run, rs, epoch) VALUES (%s, %s, 0)
ON CONFLICT (run) DO UPDATE SET rs = ledger_run.rs + excluded.rs
RETURNING rs
"""
NEXT_FENCED = """
INSERT INTO ledger_run (run, rs, epoch) VALUES (%s, %s, %s)
ON CONFLICT (run) DO UPDATE SET rs = ledger_run.rs + excluded.rs, epoch = excluded.epoch
WHERE excluded.epoch >= ledger_run.epoch
RETURNING rs
"""


class NotInTransaction(PortalError):
    """An entry must be written together with what it records."""

    code = "ledger_not_in_transaction"


class StaleEpoch(PortalError):
    """Somebody else has claimed the run since: the caller no longer owns it."""

    code = "stale_epoch"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something to be entered: what `record` takes, and when it happened."""

    event: Event
    subject: Mapping[str, str | int]
    data: Mapping[str, Any]
    at: datetime = field(default_factory=now)


def record(
    event: Event,
    actor: Actor,
    subject: Mapping[str, str | int],
    data: Mapping[str, Any],
    *,
    run: int | None = None,
    epoch: int | None = None,
) -> Intake:
    """Enter `event` into the ledger, in the caller's transaction.

    `subject` says what it is about (`request`, `plan`, `step`, `lpar`, …: ids and digests), `data`
    the rest; integers and text only, no personal data. With `run` the entry gets the run's next
    number, gap-free; with `epoch` an entry of a worker that lost the run is refused. Output goes in
    as digests of `store_chunk` in the list `data["chunks"]`, which verification follows.

    Raises NotInTransaction, StaleEpoch, EntryTooLarge.
    """
    _require_transaction(event)
    place = None if run is None else RunPlace(run, _last_in_run(run, epoch, 1), epoch)
    return Intake.objects.create(**_members(Occurrence(event, subject, data), actor, place))


def record_all(occurrences: Sequence[Occurrence], actor: Actor, *, run: int, epoch: int) -> list[bytes]:
    """Enter events of one run in their order, as `record` enters each, with two statements for all.

    Returns the bytes of each entry. Raises as `record` does; then none of them is entered.
    """
    if not occurrences:
        return []
    _require_transaction(occurrences[0].event)
    first = _last_in_run(run, epoch, len(occurrences)) - len(occurrences) + 1
    rows = [
        tuple(_members(occurrence, actor, RunPlace(run, rs, epoch)).values())
        for rs, occurrence in enumerate(occurrences, first)
    ]
    statements.insert(Intake, MEMBERS, rows)
    return [row[CONTENT] for row in rows]


def _require_transaction(event: Event) -> None:
    if not connection.in_atomic_block:
        raise NotInTransaction(
            f"{event.value} was to be entered outside a transaction.",
            remedy="Call record inside transaction.atomic, together with the change it records.",
        )


def _members(occurrence: Occurrence, actor: Actor, place: RunPlace | None) -> dict[str, Any]:
    event, subject, at = occurrence.event, occurrence.subject, occurrence.at
    content = entry_bytes(event, actor, subject, occurrence.data, at=at, place=place)
    run, rs, epoch = (place.run, place.rs, place.epoch) if place else (None, None, None)
    channel = channel_of(actor)
    values = (
        *(event.value, actor.kind, actor.id),
        *(channel.name, channel.action, outcome_of(event, occurrence.data), object_of(subject)),
        *(str(subject.get("request", "")), run, rs, epoch, at),
    )
    return dict(zip(MEMBERS, (content, leaf_hash(content), intake_mac(content), *values), strict=True))


def intake_mac(content: bytes) -> bytes:
    """HMAC-SHA256 under a key derived from SECRET_KEY, which the database does not hold.

    Until an entry is signed this is what shows that somebody who can write the database, but is
    not the portal, put it there or altered it.
    """
    return salted_hmac(MAC_SALT, content, algorithm="sha256").digest()


def _last_in_run(run: int, epoch: int | None, count: int) -> int:
    """Reserve the run's next `count` numbers; returns the last of them."""
    with connection.cursor() as cursor:
        if epoch is None:
            cursor.execute(NEXT, [run, count])
        else:
            cursor.execute(NEXT_FENCED, [run, count, epoch])
        row = cursor.fetchone()
    if row is None:
        raise StaleEpoch(
            f"Run {run} was claimed by another worker after epoch {epoch}.",
            remedy="Stop working on the run; its new owner goes on.",
        )
    return int(row[0])
