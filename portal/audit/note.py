"""Checkpoints as text: C2SP tlog-checkpoint inside a C2SP signed note, with Ed25519. Pure.

Formats: https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note (signature type 0x01).
"""

import base64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portal.lib.errors import PortalError

ED25519 = b"\x01"
DASH = "— "


class BadNote(PortalError):
    """A checkpoint or verifier key is malformed, of another log, or not signed by the key."""

    code = "bad_checkpoint"


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint says: the tree's size and root."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A log's public key with its origin, as `origin+hash+key` text."""

    origin: str
    public: Ed25519PublicKey

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read `text` (a vkey line). Raises BadNote."""
        try:
            origin, key_hash, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
            key = cls(origin, Ed25519PublicKey.from_public_bytes(raw.removeprefix(ED25519)))
        except ValueError as error:
            raise BadNote(
                f"{text[:100]!r} is not a verifier key ({error}).",
                remedy="It reads `origin+hash+key`; the sealer writes it beside its key file.",
            ) from error
        if key.id.hex() != key_hash:
            raise BadNote(f"The verifier key of {origin} has the hash {key.id.hex()}, not {key_hash}.")
        return key

    @property
    def raw(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.public.public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def id(self) -> bytes:
        """The 4 bytes that name the key in a signature line."""
        return sha256(self.origin.encode() + b"\n" + ED25519 + self.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.origin}+{self.id.hex()}+{base64.b64encode(ED25519 + self.raw).decode()}"


def sign(head: Head, origin: str, key: Ed25519PrivateKey) -> str:
    """The checkpoint of `head` as a signed note. The same head gives the same text."""
    text = body(head, origin)
    verifier = VerifierKey(origin, key.public_key())
    signature = base64.b64encode(verifier.id + key.sign(text.encode())).decode()
    return f"{text}\n{DASH}{origin} {signature}\n"


def body(head: Head, origin: str) -> str:
    """The signed part of a checkpoint: origin, size, root, each on a line."""
    return f"{origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"


def verify(note: str, key: VerifierKey) -> Head:
    """What a checkpoint says, once its signature by `key` has been checked. Raises BadNote."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    head = _parse_body(text, key.origin)
    for line in signatures.splitlines():
        name, _, encoded = line.removeprefix(DASH).rpartition(" ")
        if not line.startswith(DASH) or name != key.origin:
            continue
        try:
            raw = base64.b64decode(encoded, validate=True)
            if raw[:4] == key.id:
                key.public.verify(raw[4:], text.encode())
                return head
        except (ValueError, InvalidSignature) as error:
            raise BadNote(f"The signature of the checkpoint at {head.size} entries is wrong.") from error
    raise BadNote(f"The checkpoint at {head.size} entries is not signed by {key.origin}+{key.id.hex()}.")


def _parse_body(text: str, origin: str) -> Head:
    lines = text.split("\n")
    try:
        head = Head(int(lines[1]), base64.b64decode(lines[2], validate=True))
    except (IndexError, ValueError) as error:
        raise BadNote(f"This is no checkpoint ({error}): {text[:100]!r}") from error
    if len(head.root) != 32 or head.size < 0 or text != body(head, lines[0]):
        raise BadNote(f"This checkpoint is not in its canonical form: {text[:100]!r}")
    if lines[0] != origin:
        raise BadNote(f"The checkpoint is of the log {lines[0]!r}, not of {origin!r}.")
    return head
