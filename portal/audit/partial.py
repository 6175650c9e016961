"""Some entries of the ledger, with all that proves them to somebody who sees no others."""

import base64
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Max, Min, Q

from portal.audit.events import Event
from portal.audit.log_keys import LogKeys
from portal.audit.merkle import Subtree, consistency_proof, inclusion_proof, node_hash
from portal.audit.models import Checkpoint, Entry, Intake, Receipt
from portal.audit.note import Head, VerifierKey
from portal.audit.sealer import seal_up_to_now, wait_until_sealed
from portal.audit.signer import SignerFiles
from portal.audit.tree import stored_subtree
from portal.lib.errors import Conflict

MOST_ANCHORS = 500
"""Earlier checkpoints that a bundle proves at most: the newest ones."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of these requests and kinds, all from one moment up to another, and of the kinds
    `newest` the newest of each actor among the first `size`."""

    requests: Collection[str] = ()
    events: Collection[Event] = ()
    begin: datetime | None = None
    end: datetime | None = None
    newest: Collection[Event] = ()
    size: int = 0


@dataclass(frozen=True, slots=True)
class SignedLog:
    """The newest checkpoint, with the log's keys, its signature for ssh-keygen, and what witnesses said."""

    keys: LogKeys
    head: Head
    note: str
    ssh_signature: str

    @property
    def key(self) -> VerifierKey:
        """The key that signs now."""
        return self.keys.newest


def places_of(wanted: Wanted) -> list[int]:
    """The places in the ledger of the wanted entries that were not pruned, ascending.

    Waits as `seal_up_to_now`, so enter first that somebody asks. Raises Conflict, SealRefused.
    """
    seal_up_to_now()
    chosen = Q(intake__request__in=list(wanted.requests)) | Q(intake__event__in=list(wanted.events))
    if wanted.begin and wanted.end:
        spoken = Intake.objects.filter(at__gte=wanted.begin, at__lt=wanted.end)
        ends = Entry.objects.filter(intake__in=spoken).aggregate(low=Min("seq"), high=Max("seq"))
        if ends["low"] is not None:
            chosen |= Q(seq__gte=ends["low"], seq__lte=ends["high"])
    if wanted.newest:
        kinds = Entry.objects.filter(seq__lt=wanted.size, intake__event__in=list(wanted.newest))
        newest = kinds.order_by().values("intake__actor_id").annotate(newest=Max("seq"))
        chosen |= Q(seq__in=newest.values("newest"))
    held = Entry.objects.filter(chosen).exclude(intake__content=b"")
    return list(held.order_by("seq").values_list("seq", flat=True))


def count_of(wanted: Wanted) -> int:
    """About how many entries these are: a bundle's size, told before it is written."""
    chosen = Q(request__in=list(wanted.requests)) | Q(event__in=list(wanted.events))
    if wanted.begin and wanted.end:
        chosen |= Q(at__gte=wanted.begin, at__lt=wanted.end)
    return Intake.objects.filter(chosen).count()


def requests_spoken_of(begin: datetime, end: datetime) -> list[str]:
    """The numbers of the requests that anything was entered about in this time."""
    spoken = Intake.objects.filter(at__gte=begin, at__lt=end).exclude(request="")
    return list(spoken.order_by("request").values_list("request", flat=True).distinct())


def place_of(intake: Intake) -> int:
    """Where an entry stands, once a checkpoint covers it. Raises Conflict when none comes."""
    wait_until_sealed(intake)
    return Entry.objects.values_list("seq", flat=True).get(intake=intake)


def contents_at(places: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """The bytes of the entries at these places. Raises Conflict where one is missing."""
    for start in range(0, len(places), PAGE):
        page = places[start : start + PAGE]
        rows = Entry.objects.filter(seq__in=page).select_related("intake").order_by("seq")
        found = [(row.seq, bytes(row.intake.content)) for row in rows]
        if [seq for seq, _ in found] != list(page):
            raise Conflict(
                "Entries of the ledger are missing.", remedy="Run audit_verify.", code="entries_missing"
            )
        yield from found


def signed_log() -> SignedLog:
    """The newest checkpoint, its signature checked. Raises Conflict when nothing is signed, BadNote."""
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None:
        raise Conflict(
            "Nothing is signed yet.",
            remedy="Start the sealer (manage.py audit_sealer).",
            code="nothing_signed",
        )
    keys = SignerFiles.from_settings().log_keys()
    return SignedLog(keys, keys.verify(newest.note), with_cosignatures(newest), newest.ssh_signature)


def with_cosignatures(checkpoint: Checkpoint) -> str:
    """The checkpoint's note with a line of each witness that has cosigned it."""
    lines = Receipt.objects.filter(size=checkpoint.size, kind=Receipt.Kind.COSIGNATURE).order_by("id")
    return checkpoint.note + "".join(lines.values_list("content", flat=True))


def hashes_between(size: int, places: Sequence[int], subtree: Subtree = stored_subtree) -> list[bytes]:
    """The hashes of the largest parts of the tree that hold none of these places, from left to right.

    With the leaves at the places they give the root (RFC 6962, section 2.1).
    """
    hashes: list[bytes] = []

    def walk(low: int, high: int, held: Sequence[int]) -> None:
        if not held:
            hashes.append(_over(low, high, subtree))
        elif high - low > 1:
            middle = low + (1 << (high - low - 1).bit_length() - 1)
            border = next((at for at, place in enumerate(held) if place >= middle), len(held))
            walk(low, middle, held[:border])
            walk(middle, high, held[border:])

    walk(0, size, places)
    return hashes


def inclusion_of(place: int, log: SignedLog, subtree: Subtree = stored_subtree) -> str:
    """The proof of one entry as a file for other tools (https://c2sp.org/tlog-proof)."""
    path = inclusion_proof(place, log.head.size, subtree)
    lines = "".join(f"{base64.b64encode(part).decode()}\n" for part in path)
    return f"c2sp.org/tlog-proof@v1\nindex {place}\n{lines}\n{log.note}"


def earlier_checkpoints(
    log: SignedLog, subtree: Subtree = stored_subtree
) -> Iterator[tuple[str, list[bytes]]]:
    """Published checkpoints, each with the proof that the newest one extends it (RFC 6962, 2.1.2)."""
    older = Checkpoint.objects.filter(size__gt=0, size__lt=log.head.size).order_by("-size")[:MOST_ANCHORS]
    for one in reversed(older):
        yield one.note, consistency_proof(one.size, log.head.size, subtree)


def cached_subtree() -> Subtree:
    """`stored_subtree` for many proofs of one tree."""
    return lru_cache(maxsize=100_000)(stored_subtree)


def _over(low: int, high: int, subtree: Subtree) -> bytes:
    """The hash over a part of the tree that begins where RFC 6962 lets one begin."""
    width = high - low
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return subtree(level, low >> level)
    middle = low + (1 << (width - 1).bit_length() - 1)
    return node_hash(_over(low, middle, subtree), _over(middle, high, subtree))
