"""Signatures that `ssh-keygen -Y verify` checks: SSHSIG of OpenSSH (PROTOCOL.sshsig), with Ed25519. Pure."""

import base64
from collections.abc import Iterable
from hashlib import sha512

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portal.audit.log_keys import LogKey

NAMESPACE = "lu-ledger"
"""What the signatures are for: one for something else is refused."""
MAGIC = b"SSHSIG"
KIND = b"ssh-ed25519"
HASH = b"sha512"
WIDTH = 70


def ssh_signature(message: bytes, key: Ed25519PrivateKey) -> str:
    """The armored signature of `message`. The same message gives the same text."""
    named = _string(NAMESPACE.encode()) + _string(b"") + _string(HASH)
    signed = MAGIC + named + _string(sha512(message).digest())
    signature = _string(KIND) + _string(key.sign(signed))
    blob = MAGIC + (1).to_bytes(4, "big") + _string(_blob(key.public_key())) + named + _string(signature)
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + WIDTH] for at in range(0, len(text), WIDTH)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])


def allowed_signers(keys: Iterable[LogKey]) -> str:
    """A log's keys as the file of allowed signers that ssh-keygen asks for, by the log's origin."""
    return "".join(f'{one.key.origin} namespaces="{NAMESPACE}" {_line(one.key.public)}\n' for one in keys)


def _line(key: Ed25519PublicKey) -> str:
    return f"{KIND.decode()} {base64.b64encode(_blob(key)).decode()}"


def _blob(key: Ed25519PublicKey) -> bytes:
    return _string(KIND) + _string(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def _string(content: bytes) -> bytes:
    """RFC 4251, section 5: length in four bytes, then the bytes."""
    return len(content).to_bytes(4, "big") + content
