"""The signing key's file: PKCS#8 PEM, readable by its owner alone."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from portal.audit.files import replace_durably
from portal.lib.errors import Conflict


def make_key(path: Path) -> Ed25519PrivateKey:
    """A new key, on disk when this returns."""
    key = Ed25519PrivateKey.generate()
    replace_durably(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
    return key


def read_key(path: Path) -> Ed25519PrivateKey:
    """The key in a file. Raises Conflict where it holds none."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise Conflict(
            f"{path} holds no key ({error}).", remedy="Restore it from backup.", code="file_not_readable"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Conflict(
            f"{path} holds no Ed25519 key.", remedy="Restore it from backup.", code="file_not_readable"
        )
    return key
