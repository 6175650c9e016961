"""Reads signed checkpoints: C2SP tlog-checkpoint in a C2SP signed note, with Ed25519 (type 0x01)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import NamedTuple

from liveupdate.bundle.verifier.ed25519 import signature_holds

EM_DASH = "\u2014 "


class BadCheckpoint(Exception):
    """A verifier key or a checkpoint is malformed, of another log, or not signed by the key."""


class LogKey(NamedTuple):
    """A log's public key with its origin."""

    origin: str
    name: bytes
    public: bytes


class SignedHead(NamedTuple):
    """What a signed checkpoint says."""

    size: int
    root: bytes


def log_key(text: str) -> LogKey:
    """Read a verifier key, `origin+name+key`. Raises BadCheckpoint."""
    try:
        origin, name, encoded = text.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        key = LogKey(origin, bytes.fromhex(name), raw[1:])
    except ValueError as error:
        raise BadCheckpoint(f"{text[:100]!r} is no verifier key: {error}.") from error
    name_of = hashlib.sha256(origin.encode() + b"\n" + raw).digest()[:4]
    if raw[:1] != b"\1" or len(raw) != 33 or name_of != key.name:
        raise BadCheckpoint(f"{text[:100]!r} is no Ed25519 verifier key.")
    return key


def named(origin: str, public: bytes) -> LogKey:
    """A public key as one of the log with this origin."""
    return LogKey(origin, hashlib.sha256(origin.encode() + b"\n\1" + public).digest()[:4], public)


def signed_head(note: str, key: LogKey) -> SignedHead:
    """What a checkpoint says, once its signature was checked. Raises BadCheckpoint."""
    body, _, signatures = note.rpartition("\n\n")
    body += "\n"
    lines = body.split("\n")
    try:
        head = SignedHead(int(lines[1]), base64.b64decode(lines[2], validate=True))
    except (IndexError, ValueError) as error:
        raise BadCheckpoint(f"This is no checkpoint: {note[:80]!r}.") from error
    canonical = f"{key.origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"
    if body != canonical or head.size < 0 or len(head.root) != 32:
        raise BadCheckpoint(f"This is no checkpoint of {key.origin}: {note[:80]!r}.")
    for line in signatures.splitlines():
        name, _, encoded = line[len(EM_DASH) :].rpartition(" ")
        if not line.startswith(EM_DASH) or name != key.origin:
            continue
        try:
            raw = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            continue
        if raw[:4] == key.name and signature_holds(key.public, body.encode(), raw[4:]):
            return head
    raise BadCheckpoint(f"The checkpoint at {head.size} entries is not signed by {key.origin}.")
