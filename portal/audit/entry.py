"""The bytes of an entry. They are made once, stored, hashed, and never serialised again."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.audit import provenance
from portal.audit.actor import Actor
from portal.audit.channel import Channel, channel_of
from portal.audit.events import Event
from portal.audit.outcomes import outcome_of
from portal.lib.canonical import canonical_json
from portal.lib.clock import rfc3339
from portal.lib.errors import PortalError

LIMIT = 60_000
"""Most bytes of an entry; the tile format ends at 65,535."""


class EntryTooLarge(PortalError):
    """An entry does not fit; large things belong into chunks."""

    code = "entry_too_large"


@dataclass(frozen=True, slots=True)
class RunPlace:
    """Where in a run an entry stands: `rs` counts the run's entries from 1 without a gap."""

    run: int
    rs: int
    epoch: int | None


def entry_bytes(
    event: Event,
    actor: Actor,
    subject: Mapping[str, str | int],
    data: Mapping[str, Any],
    *,
    at: datetime,
    place: RunPlace | None,
) -> bytes:
    """Canonical JSON of an entry (format: docs/audit-format.md).

    Raises EntryTooLarge, and TypeError for values without one byte form.
    """
    document: dict[str, Any] = {
        "v": 2,
        "id": str(_uuid7(at)),
        "t": event.value,
        "at": rfc3339(at),
        "node": provenance.node(),
        "boot": provenance.boot(),
        "code": provenance.code(),
        "actor": {"k": actor.kind, "id": actor.id},
        "via": _via(channel_of(actor)),
        "outcome": outcome_of(event, data),
        "sub": dict(subject),
        "d": dict(data),
    }
    if place is not None:
        document["sub"]["run"] = place.run
        document["rs"] = place.rs
        if place.epoch is not None:
            document["sub"]["epoch"] = place.epoch
    content = canonical_json(document)
    if len(content) > LIMIT:
        raise EntryTooLarge(
            f"The entry {event.value} has {len(content)} bytes; the ledger takes {LIMIT}.",
            remedy="Store the large part with store_chunk and enter its digest.",
        )
    return content


def _via(channel: Channel) -> dict[str, str]:
    members = {
        "action": channel.action,
        "channel": channel.name,
        "origin": channel.origin,
        "token": channel.token,
    }
    return {name: member for name, member in members.items() if member}


def _uuid7(at: datetime) -> uuid.UUID:
    """RFC 9562 5.7: 48 bits of milliseconds, then random."""
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return uuid.UUID(int=value)
