"""Checkpoints as text: C2SP tlog-checkpoint inside a C2SP signed note, with Ed25519. Pure.

Formats: https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note (signature type 0x01), and
https://c2sp.org/tlog-cosignature (0x04: a witness says when it saw the checkpoint).
"""

import base64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portal.lib.errors import PortalError

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
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
    """A log's public key with its origin, or a witness's with its name, as `origin+hash+key` text."""

    origin: str
    public: Ed25519PublicKey
    kind: bytes = ED25519

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read `text` (a vkey line). Raises BadNote."""
        try:
            origin, key_hash, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
            key = cls(origin, Ed25519PublicKey.from_public_bytes(raw[1:]), raw[:1])
        except ValueError as error:
            raise BadNote(
                f"{text[:100]!r} is not a verifier key ({error}).",
                remedy="It reads `origin+hash+key`; the sealer writes it beside its key file.",
            ) from error
        if key.kind not in (ED25519, COSIGNATURE):
            raise BadNote(f"The verifier key of {origin} is of a type that is not known here.")
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
        return sha256(self.origin.encode() + b"\n" + self.kind + self.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.origin}+{self.id.hex()}+{base64.b64encode(self.kind + self.raw).decode()}"

    def line(self, signature: bytes) -> str:
        """A signature of this key as a line of a note."""
        return f"{DASH}{self.origin} {base64.b64encode(self.id + signature).decode()}\n"


def sign(head: Head, origin: str, *keys: Ed25519PrivateKey) -> str:
    """The checkpoint of `head` as a note signed by each key. The same head gives the same text."""
    text = body(head, origin)
    lines = (VerifierKey(origin, key.public_key()).line(key.sign(text.encode())) for key in keys)
    return f"{text}\n{''.join(lines)}"


def cosign(text: str, name: str, key: Ed25519PrivateKey, at: int) -> str:
    """A witness's line for the signed part of a checkpoint, seen at this Unix time."""
    signature = key.sign(_witnessed(text, at))
    return VerifierKey(name, key.public_key(), COSIGNATURE).line(at.to_bytes(8, "big") + signature)


def body(head: Head, origin: str) -> str:
    """The signed part of a checkpoint: origin, size, root, each on a line."""
    return f"{origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"


def verify(note: str, key: VerifierKey) -> Head:
    """What a checkpoint says, once its signature by `key` has been checked. Raises BadNote."""
    origin, head = unverified(note)
    if origin != key.origin:
        raise BadNote(f"The checkpoint is of the log {origin!r}, not of {key.origin!r}.")
    try:
        key.public.verify(_signature(note, key, head), signed_part(note).encode())
    except InvalidSignature as error:
        raise BadNote(f"The signature of the checkpoint at {head.size} entries is wrong.") from error
    return head


def cosigned_at(note: str, witness: VerifierKey) -> int:
    """When a witness saw the checkpoint, in Unix time, by its line in the note. Raises BadNote."""
    _, head = unverified(note)
    signature = _signature(note, witness, head)
    at = int.from_bytes(signature[:8], "big")
    try:
        witness.public.verify(signature[8:], _witnessed(signed_part(note), at))
    except InvalidSignature as error:
        raise BadNote(f"The cosignature of {witness.origin} at {head.size} entries is wrong.") from error
    return at


def signed_part(note: str) -> str:
    """The text that a checkpoint's signatures are over."""
    return note.rpartition("\n\n")[0] + "\n"


def unverified(note: str) -> tuple[str, Head]:
    """Origin and head of a checkpoint whose signatures nobody has checked yet. Raises BadNote."""
    text = signed_part(note)
    lines = text.split("\n")
    try:
        head = Head(int(lines[1]), base64.b64decode(lines[2], validate=True))
    except (IndexError, ValueError) as error:
        raise BadNote(f"This is no checkpoint ({_short(error)}): {text[:100]!r}") from error
    if len(head.root) != 32 or head.size < 0 or text != body(head, lines[0]):
        raise BadNote(f"This checkpoint is not in its canonical form: {text[:100]!r}")
    return lines[0], head


def _signature(note: str, key: VerifierKey, head: Head) -> bytes:
    for line in note.rpartition("\n\n")[2].splitlines():
        name, _, encoded = line.removeprefix(DASH).rpartition(" ")
        if not line.startswith(DASH) or name != key.origin:
            continue
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise BadNote(f"A signature of the checkpoint at {head.size} entries is no base64.") from error
        if raw[:4] == key.id:
            return raw[4:]
    raise BadNote(f"The checkpoint at {head.size} entries is not signed by {key.origin}+{key.id.hex()}.")


def _witnessed(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _short(error: Exception) -> str:
    return str(error)[:100]
