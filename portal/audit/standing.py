"""The ledger as it stood at a moment: by the newest checkpoint of then, which never changes any more."""

import hashlib
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import Count, Max

from portal.audit.models import Checkpoint, Entry, Receipt
from portal.audit.signer import SignerFiles
from portal.audit.state import TICK_AFTER_S
from portal.lib.errors import Conflict

MILLISECOND = timedelta(milliseconds=1)
PAGE = 5_000
GAP_AFTER = timedelta(seconds=2 * TICK_AFTER_S)
"""Even an idle ledger is signed at each tick: a longer silence is a gap."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The first `size` entries of the log `origin`, with their root in hex and the signed note of it.

    `key` is the SHA-256 of the verifier key's text in hex.
    """

    origin: str
    size: int
    root: str
    checkpoint: str
    signed_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Seals:
    """Checkpoints of a period: how many, and each silence longer than `GAP_AFTER` as begin and end."""

    count: int
    gaps: tuple[tuple[datetime, datetime], ...]


def standing_at(at: datetime) -> Standing:
    """The ledger by the newest checkpoint signed up to then. Raises Conflict where there is none, BadNote."""
    newest = Checkpoint.objects.filter(signed_at__lte=at).order_by("-size").first()
    if newest is None:
        raise Conflict("Nothing was signed by then.", remedy="Ask for a later moment.", code="nothing_signed")
    keys = SignerFiles.from_settings().log_keys()
    head = keys.verify(newest.note)
    origin = newest.note.partition("\n")[0]
    key = next(each.key for each in reversed(keys.keys) if each.since <= head.size)
    fingerprint = hashlib.sha256(str(key).encode()).hexdigest()
    return Standing(origin, head.size, head.root.hex(), newest.note, newest.signed_at, fingerprint)


def seals_between(begin: datetime, end: datetime) -> Seals:
    """The checkpoints from one moment up to another, and where they are too far apart."""
    times = list(
        Checkpoint.objects.filter(signed_at__gte=begin, signed_at__lt=end)
        .order_by("signed_at")
        .values_list("signed_at", flat=True)
    )
    gaps = tuple((one, next_) for one, next_ in pairwise(times) if next_ - one > GAP_AFTER)
    return Seals(len(times), gaps)


def seal_delays(size: int, begin: datetime, end: datetime) -> list[int]:
    """Milliseconds from each entry of the period (among the first `size`) to the checkpoint that covers it
    first, the shortest first. An entry says its own time, a checkpoint the signer's."""
    seals = list(Checkpoint.objects.filter(size__lte=size).order_by("size").values_list("size", "signed_at"))
    sizes = [each for each, _ in seals]
    rows = Entry.objects.filter(seq__lt=size, intake__at__gte=begin, intake__at__lt=end).order_by()
    places = rows.values_list("seq", "intake__at").iterator(chunk_size=PAGE)
    delays = (seals[bisect_right(sizes, seq)][1] - at for seq, at in places)
    return sorted(max(0, delay // MILLISECOND) for delay in delays)


@dataclass(frozen=True, slots=True)
class Receipts:
    """What one anchor outside answered: how often, the last time, and up to which size."""

    anchor: str
    kind: str
    count: int
    size: int
    last_at: datetime


def receipts_between(begin: datetime, end: datetime) -> list[Receipts]:
    """The answers of each anchor outside from one moment up to another."""
    rows = Receipt.objects.filter(at__gte=begin, at__lt=end).order_by()
    grouped = rows.values_list("anchor", "kind").annotate(Count("id"), Max("size"), Max("at"))
    return [Receipts(*row) for row in grouped.order_by("anchor", "kind")]
