"""Two people let bytes go: an archive is written and verified, one entry signed, then they are deleted.

Leaf hashes, tiles and digests stay for ever, so every proof of what remains is what it was.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path

from django.db import connection, transaction

from portal.audit.actor import Actor
from portal.audit.authority import leaves_digest
from portal.audit.ceremony import Ceremony
from portal.audit.deleted_with_output import DELETED_WITH_OUTPUT, Said
from portal.audit.events import Event
from portal.audit.export import check_unused, export_ledger
from portal.audit.legal_hold import require_no_hold
from portal.audit.models import Chunk, Entry, Intake, Release, ReleasedChunk
from portal.audit.record import record
from portal.audit.retention import PRUNABLE, months_kept, require_old_enough
from portal.audit.rows import StoredRow, placed_rows, waiting_rows
from portal.audit.sealer import wait_until_sealed
from portal.audit.signer import SignerFiles
from portal.audit.tree import ledger_size
from portal.audit.verification.archive import Archive, check_archive
from portal.audit.verification.whole import verify_ledger
from portal.lib.clock import rfc3339
from portal.lib.errors import Conflict

BATCH = 500


@dataclass(frozen=True, slots=True)
class Pruned:
    """What went: so many entries or pieces of output, by which entry."""

    what: str
    count: int
    entry: int
    archive: str


def prune(what: str, before: datetime, directory: Path, ceremony: Ceremony) -> Pruned:
    """Archive and delete the bytes of `entries`, or the output that `chunks` are, from before a moment.

    Raises Invalid where it is too young or the directory is in use, Conflict where a legal hold, the ledger's
    state, or an archive that does not hold it all forbids it.
    """
    require_old_enough(what, before)
    check_unused(directory)
    require_good()
    span = _span(what, before)
    require_no_hold(span)
    rows = list(_prunable(span)) if what == "entries" else []
    names = _only_named_before(span) if what == "chunks" else frozenset()
    if not rows and not names:
        raise _nothing(what)
    export_ledger(directory)
    archive = check_archive(directory, SignerFiles.from_settings().log_keys())
    _require_held(archive, rows, names)
    said: Said = {
        "what": what,
        "from": span.start,
        "to": span.stop,
        "before": rfc3339(before),
        "count": len(rows) or len(names),
        "archive": archive.digest,
        "policy": {"months": months_kept(what)},
        **ceremony.told(),
    }
    if rows:
        said["leaves"] = leaves_digest(row.leaf for row in rows)
    with transaction.atomic():
        entered = record(Event.LEDGER_PRUNE, Actor.command("ledger_prune"), {}, said)
    wait_until_sealed(entered)
    with transaction.atomic():
        release = Release.objects.create(intake=entered, what=what, first=span.start, end=span.stop)
        count = _empty(rows) if rows else let_go(release, names, span)
    seq = Entry.objects.values_list("seq", flat=True).get(intake=entered)
    return Pruned(what, count, seq, archive.digest)


def let_go(release: Release, names: Collection[str], span: range) -> int:
    """Delete output that nothing but the entries in `span` names, and its copies; returns how much.

    In a transaction: whoever is about to name one of the pieces again is waited for, and keeps it.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE ledger_chunk IN EXCLUSIVE MODE")
    later = {name for row in (*placed_rows(span.stop), *waiting_rows()) for name in _named(row)}
    going = sorted(set(names) - later)
    for start in range(0, len(going), BATCH):
        batch = going[start : start + BATCH]
        ReleasedChunk.objects.bulk_create(ReleasedChunk(digest=name, release=release) for name in batch)
        Chunk.objects.filter(digest__in=batch).delete()
    documents = [_document(row) for row in naming(going, span)]
    for delete in DELETED_WITH_OUTPUT:
        delete(set(going), documents)
    return len(going)


def naming(names: Collection[str], span: range) -> list[StoredRow]:
    """The entries at these places that name any of these pieces of output."""
    wanted = set(names)
    return [row for row in _rows_in(span) if wanted & set(_named(row))]


def require_good() -> None:
    """Raise Conflict where anything in the ledger is not as it was written."""
    report = verify_ledger()
    if report.first_bad:
        raise Conflict(
            f"The ledger is not as it was written. {report.first_bad.message}",
            remedy="Find out what was done first; nothing is deleted from a ledger that is not good.",
            code="ledger_bad",
        )


def _span(what: str, before: datetime) -> range:
    """From where the last prune of this kind ended, up to the first entry that stays. Raises Conflict."""
    done = Release.objects.filter(what=what).order_by("-end").values_list("end", flat=True).first() or 0
    young = Entry.objects.filter(intake__at__gte=before).order_by("seq").values_list("seq", flat=True).first()
    end = ledger_size() if young is None else young
    if end <= done:
        raise _nothing(what)
    return range(done, end)


def _prunable(span: range) -> Iterator[StoredRow]:
    """The entries that may go. Raises Conflict where one names output that is still there."""
    stored = set(Chunk.objects.values_list("digest", flat=True))
    for row in _rows_in(span):
        if row.event in PRUNABLE and row.content:
            if stored.intersection(_named(row)):
                raise Conflict(
                    f"Entry {row.seq} names output that is still there.",
                    remedy="Prune the output of this time first: --chunks.",
                    code="prune_output_first",
                )
            yield row


def _only_named_before(span: range) -> frozenset[str]:
    """Stored output that entries in `span` name, and none after them."""
    named = {name for row in _rows_in(span) for name in _named(row)}
    later = {name for row in placed_rows(span.stop) for name in _named(row)}
    stored = Chunk.objects.values_list("digest", flat=True)
    return frozenset(named - later).intersection(stored)


def _require_held(archive: Archive, rows: list[StoredRow], names: frozenset[str]) -> None:
    lacking = [row.seq for row in rows if row.seq not in archive.places] + sorted(names - archive.chunks)
    if lacking:
        raise Conflict(
            f"The archive does not hold {lacking[0]}: no checkpoint covers it, or it was pruned meanwhile.",
            remedy="Try again in a minute, into a new directory.",
            code="archive_incomplete",
        )


def _empty(rows: list[StoredRow]) -> int:
    for start in range(0, len(rows), BATCH):
        batch = [row.intake for row in rows[start : start + BATCH]]
        Intake.objects.filter(pk__in=batch).update(content=b"")
    return len(rows)


def _rows_in(span: range) -> Iterator[StoredRow]:
    return takewhile(lambda row: row.seq < span.stop, placed_rows(span.start))


def _named(row: StoredRow) -> tuple[str, ...]:
    if not row.content or b'"chunks":[' not in row.content:
        return ()
    return tuple(_document(row)["d"].get("chunks", ()))


def _document(row: StoredRow) -> Said:
    document: Said = json.loads(row.content or b"{}")
    return document


def _nothing(what: str) -> Conflict:
    return Conflict(f"There are no {what} of that time any more.", code="nothing_to_prune")
