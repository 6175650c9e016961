"""What follows a restored database: the lost entries are put back, or the log goes on as another.

Both are acts of two people and one entry `ledger.restore`; before it nothing starts and nothing is changed.
"""

import json
from collections.abc import Sequence
from enum import StrEnum
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, transaction

from portal.audit.actor import Actor
from portal.audit.ceremony import Ceremony
from portal.audit.chunks import store_chunk
from portal.audit.events import Event
from portal.audit.files import append_durably, replace_durably
from portal.audit.hold import Outside, contradiction, forget, newest_outside
from portal.audit.log_keys import LogKey
from portal.audit.merkle import EMPTY_ROOT, leaf_hash
from portal.audit.models import Checkpoint, Chunk, Entry, Hold, Intake, RunHead
from portal.audit.note import BadNote, Head, VerifierKey, sign, signed_part
from portal.audit.record import intake_mac, record
from portal.audit.sequencer import Sequencer
from portal.audit.signer import LOST, SealRefused, Signer, SignerState
from portal.audit.signing_key import read_key
from portal.audit.sources import archived_chunks, archived_entries
from portal.audit.sshsig import ssh_signature
from portal.audit.tree import complete_tiles, ledger_size, stored_frontier
from portal.audit.verification.copies import copies_of
from portal.audit.verification.receipts import notes_in
from portal.lib.canonical import canonical_json
from portal.lib.clock import now, rfc3339
from portal.lib.errors import Conflict, Invalid

MOST_MISSING = 500
"""Pieces of output that may be lost with a restore: the entry names each."""
BATCH = 500


class Way(StrEnum):
    """How the ledger goes on."""

    IMPORTED = "imported"
    ABANDONED = "abandoned"


def put_back(signer: Signer, ceremony: Ceremony, note: str, sources: Sequence[Path]) -> Checkpoint:
    """Put the lost entries back from exports and spools, so that the ledger is the one of the checkpoint.

    `note` is the newest checkpoint, as an anchor has it. Raises Conflict, Invalid, BadNote, SealRefused.
    """
    with signer.locked():
        outside = _signed_outside(signer, note)
        size, signed = ledger_size(), outside.head.size
        contents = _found(_lost_leaves(signer, size, signed), size, sources)
        try:
            with transaction.atomic():
                _insert(size, contents)
                if stored_frontier(signed).root() != outside.head.root:
                    raise _went_on(outside)
                missing = _restored_chunks(contents, sources)
                _restore_checkpoints(signer, note)
                _enter(ceremony, Way.IMPORTED, note, range(size, signed), missing)
        except IntegrityError as error:
            raise _went_on(outside) from error
        return _signed_again(signer)


def go_on_as_another(signer: Signer, ceremony: Ceremony, note: str) -> Checkpoint:
    """Give the lost entries up: the log goes on from what the database shares with it, under another origin.

    LEDGER_ORIGIN names that one already. Raises Conflict, Invalid, BadNote, SealRefused.
    """
    with signer.locked():
        outside = _signed_outside(signer, note)
        keys, key = signer.files.log_keys(), read_key(signer.files.key)
        if keys.newest.origin == signer.origin:
            raise Invalid(
                f"LEDGER_ORIGIN is {signer.origin} still, the name of the log that was signed.",
                remedy="Give the log that follows another name, as with /v2 at its end, in every process.",
                code="setting_not_possible",
            )
        shared = _shared(signer)
        head = Head(shared, stored_frontier(shared).root() if shared else EMPTY_ROOT)
        handover = sign(head, signer.origin, key)
        with transaction.atomic():
            _enter(ceremony, Way.ABANDONED, note, range(shared, outside.head.size), [])
        _forget_beyond(signer, head)
        line = canonical_json({"at": rfc3339(now()), "checkpoint": handover}) + b"\n"
        append_durably(signer.files.anchor, line, mode=0o644)
        vkey = str(VerifierKey(signer.origin, key.public_key()))
        names = keys.with_key(LogKey(shared, vkey, handover, note))
        replace_durably(signer.files.keys, names.text().encode(), mode=0o644)
        return _signed_again(signer)


def _signed_outside(signer: Signer, note: str) -> Outside:
    """What was signed; `note` has to be that. Raises Conflict where the database is it."""
    outside = newest_outside(signer.files)
    if outside is None or not contradiction(outside):
        raise Conflict(
            "The database is the ledger that was signed.",
            remedy="There is nothing to restore.",
            code="so_already",
        )
    if signer.files.log_keys().verify(note) != outside.head:
        raise Invalid(
            f"This is not the newest checkpoint: {outside.where} has one at {outside.head.size} entries.",
            remedy="Bring that one, as an anchor outside the database has it.",
            code="old_checkpoint",
        )
    return outside


def _went_on(outside: Outside) -> Conflict:
    return Conflict(
        f"The database does not become the ledger of {outside.head.size} entries that was signed "
        "by what was lost: it went on by itself, or was altered.",
        remedy="Restore the backup once more without starting the portal, or let the log go on as another.",
        code="other_ledger",
    )


def _lost_leaves(signer: Signer, size: int, signed: int) -> list[bytes]:
    """The leaf hashes of what is missing, as the signer remembers them."""
    leaves = _remembered(signer)
    if len(leaves) < signed:
        raise SealRefused(
            f"The signer's list of leaves {signer.files.leaves} is lost or was cut.", remedy=LOST
        )
    return leaves[size:signed]


def _remembered(signer: Signer) -> list[bytes]:
    path = signer.files.leaves
    held = path.read_bytes() if path.exists() else b""
    return [held[at : at + 32] for at in range(0, len(held) - 31, 32)]


def _found(wanted: list[bytes], size: int, sources: Sequence[Path]) -> list[bytes]:
    """The bytes of the wanted entries, in their order. Raises Invalid where the sources lack one."""
    sought, found = set(wanted), dict[bytes, bytes]()
    waiting = Intake.objects.filter(entry=None).values_list("leaf", "content")
    held = (bytes(content) for leaf, content in waiting if bytes(leaf) in sought)
    for content in (*held, *archived_entries(sources)):
        leaf = leaf_hash(content)
        if leaf in sought:
            found[leaf] = content
    lacking = [at for at, leaf in enumerate(wanted, size) if leaf not in found]
    if lacking:
        raise Invalid(
            f"{len(lacking)} of the {len(wanted)} lost entries are in none of the sources, "
            f"the first of them entry {lacking[0]}.",
            remedy="Name more exports and spools; entries that are nowhere can only be given up.",
            code="entries_missing",
        )
    return [found[leaf] for leaf in wanted]


def _insert(size: int, contents: Sequence[bytes]) -> None:
    """Give each its row, if it has none, and its place; raise the runs' counters."""
    heads: dict[int, tuple[int, int]] = {}
    rest, seq = iter(contents), size
    while batch := list(islice(rest, BATCH)):
        leaves = [leaf_hash(content) for content in batch]
        there = {bytes(row.leaf): row for row in Intake.objects.filter(leaf__in=leaves, entry=None)}
        fresh = []
        for content, leaf in zip(batch, leaves, strict=True):
            document = json.loads(content)
            copies = copies_of(document)
            if copies["rs"] is not None:
                rs, epoch = heads.get(copies["run"], (0, 0))
                heads[copies["run"]] = max(rs, copies["rs"]), max(epoch, copies["epoch"] or 0)
            if leaf not in there:
                mac = intake_mac(content)
                fresh.append(Intake(content=content, leaf=leaf, mac=mac, at=document["at"], **copies))
        there |= {bytes(row.leaf): row for row in Intake.objects.bulk_create(fresh)}
        Entry.objects.bulk_create(
            Entry(seq=seq + number, intake=there[leaf], leaf=leaf) for number, leaf in enumerate(leaves)
        )
        seq += len(batch)
    complete_tiles(size, seq)
    for run, (rs, epoch) in heads.items():
        head, _ = RunHead.objects.get_or_create(run=run, defaults={"rs": rs, "epoch": epoch})
        RunHead.objects.filter(run=run).update(rs=max(head.rs, rs), epoch=max(head.epoch, epoch))


def _restore_checkpoints(signer: Signer, newest: str) -> None:
    """Give the lost checkpoints their rows again, as the file of anchors has them."""
    keys, key = signer.files.log_keys(), signer.key()
    there = set(Checkpoint.objects.values_list("size", flat=True))
    known = [text for _, text in notes_in(signer.files.anchor)] if signer.files.anchor.exists() else []
    for text in (*known, newest):
        try:
            head = keys.verify(text)
        except BadNote:
            continue  # audit_verify tells of it
        if head.size in there or keys.is_abandoned(text):
            continue
        there.add(head.size)
        signature = ssh_signature(signed_part(text).encode(), key)
        Checkpoint.objects.create(
            size=head.size, root=head.root, note=text, ssh_signature=signature, signed_at=now()
        )


def _restored_chunks(contents: Sequence[bytes], sources: Sequence[Path]) -> list[str]:
    """Store the output that the entries name; returns what is not to be found."""
    names = {name for content in contents for name in json.loads(content)["d"].get("chunks", ())}
    missing = names - {store_chunk(chunk) for chunk in archived_chunks(sources, names)}
    missing -= set(Chunk.objects.filter(digest__in=missing).values_list("digest", flat=True))
    if len(missing) > MOST_MISSING:
        raise Invalid(
            f"{len(missing)} pieces of output are in none of the sources, more than {MOST_MISSING}.",
            remedy="Name an export that holds them.",
            code="entries_missing",
        )
    return sorted(missing)


def _enter(ceremony: Ceremony, way: Way, note: str, lost: range, missing: list[str]) -> None:
    """The entry, and with it the end of the hold."""
    record(
        Event.LEDGER_RESTORE,
        Actor.command("ledger_restore"),
        {},
        {
            "way": way.value,
            "checkpoint": note,
            "from": lost.start,
            "to": lost.stop,
            "missing_chunks": missing,
            **ceremony.told(),
        },
    )
    Hold.objects.filter(lifted_at=None).update(lifted_at=now())


def _shared(signer: Signer) -> int:
    """How many entries from the first on are the same in the database and in what was signed."""
    leaves = _remembered(signer)
    if not leaves:
        raise SealRefused(f"The signer's list of leaves {signer.files.leaves} is lost.", remedy=LOST)
    stored = Entry.objects.filter(seq__gte=0).order_by("seq").values_list("seq", "leaf").iterator()
    for place, ((seq, leaf), remembered) in enumerate(zip(stored, leaves, strict=False)):
        if seq != place or bytes(leaf) != remembered:
            return place
    return min(ledger_size(), len(leaves))


def _forget_beyond(signer: Signer, head: Head) -> None:
    """Let the signer's memory end with what is shared; what it knew besides is kept beside it."""
    leaves = signer.files.leaves
    kept = leaves.read_bytes()
    aside = leaves.with_name(f"{leaves.name}.abandoned-{len(kept) // 32}")
    replace_durably(aside, kept, mode=0o600)
    frontier = stored_frontier(head.size)
    SignerState(head.size, head.root, tuple(frontier.hashes)).save(signer.files.state)
    append_durably(leaves, b"", keep=32 * head.size, mode=0o600)


def _signed_again(signer: Signer) -> Checkpoint:
    Sequencer().place_all()
    forget()
    checkpoint = signer.sign_with(signer.key())
    assert checkpoint is not None
    return checkpoint
