"""What is done to the ledger's signing by two people together: a new key, a lost key, a lost memory.

Each act is one entry `ledger.rekey` that names both, under a checkpoint that is signed at once. An act that
was cut off is done again: what it had begun is taken up.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.files import append_durably, replace_durably
from portal.audit.log_keys import LogKey
from portal.audit.merkle import Frontier, leaf_hash
from portal.audit.models import Checkpoint
from portal.audit.note import VerifierKey
from portal.audit.record import record
from portal.audit.rows import placed_rows
from portal.audit.sequencer import Sequencer
from portal.audit.signer import SealRefused, Signer, SignerState
from portal.audit.signing_key import make_key, read_key
from portal.audit.verification.checkpoints import Signed, collect
from portal.lib.errors import Conflict


class Act(StrEnum):
    """What was done."""

    ROTATED = "rotated"
    REPLACED = "replaced"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One of the two: the person's pseudonym, and what they proved themselves with."""

    user: str
    factor: str


@dataclass(frozen=True, slots=True)
class Ceremony:
    """Who does it together, and why."""

    people: tuple[Confirmation, Confirmation]
    reason: str

    def told(self) -> dict[str, object]:
        """As entries hold it."""
        return {"people": [asdict(each) for each in self.people], "reason": self.reason}


def rotate(signer: Signer, ceremony: Ceremony) -> Checkpoint:
    """Change the key while the old one is there: both sign the hand-over. Raises SealRefused."""
    with signer.locked():
        old = signer.key()
        new = _next_key(signer)
        _enter(signer, Act.ROTATED, ceremony, new)
        return _hand_over(signer, new, (new, old))


def replace(signer: Signer, ceremony: Ceremony) -> Checkpoint:
    """A new key where the old one is lost: only people vouch for it. Raises Conflict, SealRefused."""
    with signer.locked():
        if signer.files.key.exists():
            raise Conflict(
                f"The signing key {signer.files.key} is there.",
                remedy="Change it with `ledger_key rotate`.",
                code="exists_already",
            )
        signer.state()
        new = _next_key(signer)
        _enter(signer, Act.REPLACED, ceremony, new)
        return _hand_over(signer, new, (new,))


def recover(signer: Signer, ceremony: Ceremony) -> Checkpoint:
    """Give the signer its memory back, from the entries, once they fit every checkpoint that there is.

    Raises Conflict where the memory is there, SealRefused where something does not fit.
    """
    with signer.locked():
        key = signer.key()
        if _memory_is_whole(signer):
            raise Conflict(
                "The signer's memory is there.", remedy="There is nothing to recover.", code="exists_already"
            )
        signer.files.state.unlink(missing_ok=True)
        _rebuild(signer, collect(signer.files, signer.files.log_keys()))
        _enter(signer, Act.RECOVERED, ceremony, key)
        checkpoint = signer.sign_with(key)
        assert checkpoint is not None
        return checkpoint


def _rebuild(signer: Signer, signed: Signed) -> None:
    if signed.problems:
        raise SealRefused(signed.problems[0].message, remedy="Compare with copies kept elsewhere.")
    frontier, leaves = Frontier(), bytearray()
    for row in placed_rows():
        if frontier.size == signed.size:
            break
        if row.seq != frontier.size or row.content is None:
            raise SealRefused(f"Entry {frontier.size} is missing.")
        leaves += leaf_hash(row.content) if row.content else row.leaf
        frontier.append(bytes(leaves[-32:]))
        if signed.heads.get(frontier.size, frontier.root()) != frontier.root():
            raise SealRefused(f"The first {frontier.size} entries are not those that were signed.")
    if frontier.size < signed.size:
        raise SealRefused(f"Entries {frontier.size} to {signed.size - 1} are missing: they were signed.")
    append_durably(signer.files.leaves, bytes(leaves), keep=0, mode=0o600)
    SignerState(frontier.size, frontier.root(), tuple(frontier.hashes)).save(signer.files.state)


def _memory_is_whole(signer: Signer) -> bool:
    try:
        state = SignerState.load(signer.files.state)
    except SealRefused:
        return False
    leaves = signer.files.leaves
    return state is not None and leaves.exists() and leaves.stat().st_size >= 32 * state.size


def _next_key(signer: Signer) -> Ed25519PrivateKey:
    path = signer.files.next_key
    return read_key(path) if path.exists() else make_key(path)


def _enter(signer: Signer, act: Act, ceremony: Ceremony, key: Ed25519PrivateKey) -> None:
    before, own = signer.files.log_keys().newest, VerifierKey(signer.origin, key.public_key())
    with transaction.atomic():
        record(
            Event.LEDGER_REKEY,
            Actor.command("ledger_key"),
            {},
            {"act": act.value, "before": str(before), "key": str(own), **ceremony.told()},
        )
    Sequencer().place_all()


def _hand_over(signer: Signer, new: Ed25519PrivateKey, keys: Sequence[Ed25519PrivateKey]) -> Checkpoint:
    """Sign with all keys, then let the list of keys name the new one, then let it be the key."""
    checkpoint = signer.sign_with(*keys)
    assert checkpoint is not None
    vkey = str(VerifierKey(signer.origin, new.public_key()))
    names = signer.files.log_keys().with_key(LogKey(checkpoint.size, vkey, checkpoint.note))
    replace_durably(signer.files.keys, names.text().encode(), mode=0o644)
    signer.key()
    return checkpoint
