"""Credential references to secrets: read at the moment of use, kept nowhere.

`file:/path` and `env:NAME` hold a private key (PEM or OpenSSH format, without passphrase) or a
password on one line; `agent:` asks the worker's ssh-agent, `agent:SHA256:…` for one of its keys.
"""

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from inventory.transport.errors import SecretMissing

_KEY_CLASSES: tuple[tuple[type, type[paramiko.PKey]], ...] = (
    (ed25519.Ed25519PrivateKey, paramiko.Ed25519Key),
    (ec.EllipticCurvePrivateKey, paramiko.ECDSAKey),
    (rsa.RSAPrivateKey, paramiko.RSAKey),
)


@dataclass(frozen=True, slots=True)
class Keys:
    """Private keys to offer, in order."""

    keys: Sequence[paramiko.PKey]


@dataclass(frozen=True, slots=True)
class Password:
    """A password; it never shows in a repr."""

    text: str

    def __repr__(self) -> str:
        return "Password(…)"


def resolve(reference: str, host: str) -> Keys | Password:
    """What a credential reference stands for; `host` is for messages. Raises SecretMissing."""
    if reference.startswith("agent:"):
        return _from_agent(reference.removeprefix("agent:"), host)
    text = _text(reference, host)
    if text.lstrip().startswith("-----BEGIN"):
        return Keys((_private_key(text.lstrip(), reference, host),))
    return Password(_one_line(text, reference, host))


def secret(reference: str, host: str) -> str:
    """The secret that answers a prompt: one line of text. Raises SecretMissing."""
    if reference.startswith("agent:"):
        raise SecretMissing(host, f"the credential {reference} is an agent and cannot answer a prompt.")
    return _one_line(_text(reference, host), reference, host)


def _text(reference: str, host: str) -> str:
    scheme, _, place = reference.partition(":")
    match scheme:
        case "env":
            return _from_environment(place, reference, host)
        case "file":
            return _from_file(Path(place), reference, host)
        case _:
            raise SecretMissing(
                host,
                f"the credential reference {reference!r} is of no known kind.",
                remedy="Use file:/absolute/path, env:NAME or agent:.",
            )


def _from_environment(name: str, reference: str, host: str) -> str:
    text = os.environ.get(name, "")
    if not text:
        raise SecretMissing(
            host,
            f"the credential {reference} is not set in the worker's environment.",
            remedy=f"Set {name} for the worker and start it again.",
        )
    return text


def _from_file(path: Path, reference: str, host: str) -> str:
    if not path.is_absolute():
        raise SecretMissing(host, f"the credential {reference} needs an absolute path.")
    try:
        if path.stat().st_mode & 0o007:
            raise SecretMissing(
                host, f"the credential {reference} is open to everybody.", remedy=f"chmod 600 {path}"
            )
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise SecretMissing(
            host,
            f"the credential {reference} cannot be read: {reason}.",
            remedy="Put the file where the worker runs, readable by the worker's account.",
        ) from error


def _one_line(text: str, reference: str, host: str) -> str:
    line = text.rstrip("\r\n")
    if not line or any(ord(character) < 32 for character in line):
        raise SecretMissing(host, f"the credential {reference} is not a password on one line.")
    return line


def _private_key(text: str, reference: str, host: str) -> paramiko.PKey:
    try:
        return _parse_key(text.encode())
    except TypeError as error:
        raise SecretMissing(
            host,
            f"the private key {reference} has a passphrase.",
            remedy="Load it into an ssh-agent and use agent:, or keep an unencrypted copy readable only "
            "by the worker.",
        ) from error
    except (ValueError, UnsupportedAlgorithm, paramiko.SSHException) as error:
        raise SecretMissing(
            host,
            f"the private key {reference} is damaged or of an unsupported kind.",
            remedy="Use an Ed25519, ECDSA or RSA key.",
        ) from error


def _parse_key(data: bytes) -> paramiko.PKey:
    """A key in any usual format. Raises TypeError when it is encrypted, ValueError when it is no key."""
    modern = b"BEGIN OPENSSH PRIVATE KEY" in data
    load = serialization.load_ssh_private_key if modern else serialization.load_pem_private_key
    loaded = load(data, password=None)
    text = loaded.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    ).decode()
    for kind, key_class in _KEY_CLASSES:
        if isinstance(loaded, kind):
            return key_class.from_private_key(io.StringIO(text))
    raise ValueError("unsupported kind of key")


def _from_agent(fingerprint: str, host: str) -> Keys:
    agent = paramiko.Agent()
    keys = [key for key in agent.get_keys() if fingerprint in ("", key.fingerprint)]
    if not keys:
        raise SecretMissing(
            host,
            "no ssh-agent with a fitting key answers the worker.",
            remedy="Start the worker with SSH_AUTH_SOCK set and the key added (ssh-add -l).",
        )
    return Keys(keys)
