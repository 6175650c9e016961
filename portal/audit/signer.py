"""Signs the ledger's head, trusting nobody: it recomputes leaves and remembers what it signed.

Its memory is its own files, which the database's owner does not hold: the last signed size, root and
frontier, and the hash of every leaf below it. A tree that is smaller than the last signed one, or
not an extension of it, is never signed.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from portal.audit import note
from portal.audit.files import append_durably, replace_durably, sync_directory
from portal.audit.log_keys import LogKeys
from portal.audit.merkle import EMPTY_ROOT, Frontier, leaf_hash
from portal.audit.models import Checkpoint
from portal.audit.record import intake_mac
from portal.audit.rows import placed_rows
from portal.audit.signing_key import make_key, read_key
from portal.audit.sshsig import ssh_signature
from portal.audit.tree import ledger_size, stored_frontier
from portal.lib.canonical import canonical_json
from portal.lib.clock import now, rfc3339
from portal.lib.errors import PortalError


class SealRefused(PortalError):
    """The ledger is not what the signer signed before, or holds what the portal did not write."""

    code = "seal_refused"


@dataclass(frozen=True, slots=True)
class SignerFiles:
    """The files of the signer and what it publishes outside the database."""

    key: Path
    state: Path
    anchor: Path

    @classmethod
    def from_settings(cls) -> Self:
        """The files that the settings name."""
        return cls(
            Path(settings.LEDGER_KEY_FILE),
            Path(settings.LEDGER_SIGNER_STATE),
            Path(settings.LEDGER_ANCHOR_FILE),
        )

    @property
    def verifier(self) -> Path:
        """The public key as a verifier key line, readable by everybody."""
        return self.key.with_name(self.key.name + ".pub")

    @property
    def keys(self) -> Path:
        """Every key that has signed, once it was changed."""
        return self.key.with_name(self.key.name + ".keys")

    @property
    def next_key(self) -> Path:
        """The key that is about to take over."""
        return self.key.with_name(self.key.name + ".next")

    def log_keys(self) -> LogKeys:
        """The keys that have signed. Raises BadNote where there are none, or they are not as written."""
        try:
            if self.keys.exists():
                return LogKeys.parse(self.keys.read_text(encoding="utf-8"))
            return LogKeys.alone(note.VerifierKey.parse(self.verifier.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise note.BadNote(
                f"The verifier key {self.verifier} is missing or cannot be read ({error}).",
                remedy="Put the file back from the sealer's backup.",
            ) from error

    @property
    def leaves(self) -> Path:
        """Every signed leaf hash, 32 bytes each."""
        return self.state.with_name(self.state.name + ".leaves")

    @property
    def lock(self) -> Path:
        """Held while a checkpoint is made."""
        return self.state.with_name(self.state.name + ".lock")


@dataclass(frozen=True, slots=True)
class SignerState:
    """The last signed tree."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    hashes: tuple[bytes, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """What `path` remembers; None where nothing was ever signed. Raises SealRefused."""
        if not path.exists():
            return None
        try:
            stored = json.loads(path.read_bytes())
            hashes = tuple(bytes.fromhex(text) for text in stored["hashes"])
            state = cls(int(stored["size"]), bytes.fromhex(stored["root"]), hashes)
            intact = Frontier(state.size, hashes).root() == state.root
        except (ValueError, KeyError, TypeError) as error:
            raise SealRefused(f"The signer's state {path} cannot be read ({error}).", remedy=LOST) from error
        if not intact:
            raise SealRefused(f"The signer's state {path} is damaged.", remedy=LOST)
        return state

    def save(self, path: Path) -> None:
        """Replace the file durably."""
        hashes = [value.hex() for value in self.hashes]
        replace_durably(
            path, canonical_json({"size": self.size, "root": self.root.hex(), "hashes": hashes}), mode=0o600
        )


LOST = "Restore the file from backup; else two people mend it: manage.py ledger_key (docs/admin-guide.md)."


class Signer:
    """Holds the key; makes checkpoints."""

    def __init__(self, files: SignerFiles, origin: str) -> None:
        self.files = files
        self.origin = origin

    def sign(self) -> Checkpoint | None:
        """Sign the ledger as it stands and publish the checkpoint; None while there are no entries.

        Raises SealRefused, and OSError when its files cannot be written: then nothing was published.
        """
        with self.locked():
            return self.sign_with(self.key())

    def sign_with(self, *keys: Ed25519PrivateKey) -> Checkpoint | None:
        """The same with these keys, for a caller that holds the lock."""
        state = self.state()
        self._refuse_rollback(state)
        grown, leaves = self._extend(state)
        if grown.size == 0:
            return None
        self._remember(state.size, leaves)
        grown.save(self.files.state)
        return self._publish(grown, keys)

    def state(self) -> SignerState:
        """What it signed last. Raises SealRefused where that is lost or damaged."""
        return SignerState.load(self.files.state) or self._first_state()

    def _extend(self, state: SignerState) -> tuple[SignerState, bytes]:
        frontier, leaves = Frontier(state.size, state.hashes), bytearray()
        for row in placed_rows(state.size):
            if row.seq != frontier.size:
                raise SealRefused(f"Entry {frontier.size} is missing: the ledger goes on with {row.seq}.")
            if row.content is None:
                raise SealRefused(f"The content of entry {row.seq} is missing.")
            leaf = leaf_hash(row.content)
            if leaf != row.leaf:
                raise SealRefused(f"Entry {row.seq} was altered before it was signed.")
            if intake_mac(row.content) != row.mac:
                raise SealRefused(
                    f"Entry {row.seq} was not written by this portal.",
                    remedy="Was SECRET_KEY changed while entries waited? Otherwise the database was altered.",
                )
            frontier.append(leaf)
            leaves += leaf
        return SignerState(frontier.size, frontier.root(), tuple(frontier.hashes)), bytes(leaves)

    def _refuse_rollback(self, state: SignerState) -> None:
        size = ledger_size()
        if size < state.size:
            raise SealRefused(
                f"The ledger has {size} entries, but {state.size} were signed: entries {size} to "
                f"{state.size - 1} are missing.",
                remedy="Restore a database that holds them; the signer never signs a shorter ledger.",
            )
        try:
            root = stored_frontier(state.size).root()
        except LookupError as error:
            raise SealRefused(f"The stored tree has holes: {error}") from error
        if root != state.root:
            raise SealRefused(
                f"The first {state.size} entries are not those that were signed.", remedy="Run audit_verify."
            )

    def _first_state(self) -> SignerState:
        if Checkpoint.objects.exists() or self.files.anchor.exists():
            raise SealRefused(f"The signer's state {self.files.state} is lost.", remedy=LOST)
        return SignerState()

    def _remember(self, signed: int, leaves: bytes) -> None:
        path = self.files.leaves
        if signed and (not path.exists() or path.stat().st_size < 32 * signed):
            raise SealRefused(f"The signer's list of leaves {path} is lost or was cut.", remedy=LOST)
        if leaves:
            append_durably(path, leaves, keep=32 * signed, mode=0o600)

    def _publish(self, state: SignerState, keys: Sequence[Ed25519PrivateKey]) -> Checkpoint:
        existing = Checkpoint.objects.filter(size=state.size).first()
        if existing is not None:
            return existing
        at, text = now(), note.sign(note.Head(state.size, state.root), self.origin, *keys)
        line = canonical_json({"at": rfc3339(at), "checkpoint": text}) + b"\n"
        append_durably(self.files.anchor, line, mode=0o644)
        signature = ssh_signature(note.signed_part(text).encode(), keys[0])
        return Checkpoint.objects.create(
            size=state.size, root=state.root, note=text, ssh_signature=signature, signed_at=at
        )

    def key(self) -> Ed25519PrivateKey:
        """The key that signs, made at the first start. Raises SealRefused where it is lost or another's."""
        path = self.files.key
        if self.files.next_key.exists():
            self._take_over(read_key(self.files.next_key))
        if not path.exists():
            if Checkpoint.objects.exists() or self.files.state.exists() or self.files.keys.exists():
                raise SealRefused(f"The signing key {path} is lost.", remedy=LOST)
            make_key(path)
        loaded = read_key(path)
        own = note.VerifierKey(self.origin, loaded.public_key())
        if self.files.keys.exists() or self.files.verifier.exists():
            newest = self.files.log_keys().newest
            if str(newest) != str(own):
                raise SealRefused(
                    f"The log's newest key is {newest}, but this signer has {own}.",
                    remedy="Was LEDGER_ORIGIN changed, or the key's file put back from an old backup?",
                )
        line = f"{own}\n"
        if not self.files.verifier.exists() or self.files.verifier.read_text(encoding="utf-8") != line:
            replace_durably(self.files.verifier, line.encode(), mode=0o644)
        return loaded

    def _take_over(self, new: Ed25519PrivateKey) -> None:
        """Let a key be the signer's that the list of keys names as the newest."""
        names_it = self.files.keys.exists() and str(self.files.log_keys().newest) == str(
            note.VerifierKey(self.origin, new.public_key())
        )
        if names_it:
            self.files.next_key.replace(self.files.key)
            sync_directory(self.files.key.parent)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody else sign, or change the key, meanwhile."""
        self.files.state.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.files.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
