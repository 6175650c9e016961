"""Strict pinning: a host is who its pinned fingerprint says, or nobody.

One fingerprint is pinned per host, but a server has several keys and the first common kind wins the
negotiation. So a host whose negotiated key does not fit is asked for its other kinds before its key
counts as changed. The kind that fitted is remembered for the life of the process.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import paramiko

from inventory.transport.endpoint import Endpoint

_KINDS: tuple[tuple[str, ...], ...] = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256",),
    ("ecdsa-sha2-nistp384",),
    ("ecdsa-sha2-nistp521",),
    ("rsa-sha2-512", "rsa-sha2-256"),
)
_ALL = tuple(name for kind in _KINDS for name in kind)
_fitted: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One negotiation: the host key algorithms that the portal will not take in it."""

    refused: tuple[str, ...]

    @property
    def narrowed(self) -> bool:
        """Whether a host may fail this attempt only for lack of one kind of key."""
        return bool(self.refused)


def attempts(endpoint: Endpoint) -> Iterator[Attempt]:
    """The negotiations to try in turn until the pinned key is presented."""
    if not endpoint.host_key:
        yield Attempt(())
        return
    known = _fitted.get(endpoint.host_key)
    if known:
        yield Attempt(tuple(name for name in _ALL if name not in known))
    yield Attempt(())
    for kind in _KINDS:
        if kind != known:
            yield Attempt(tuple(name for name in _ALL if name not in kind))


def matches(endpoint: Endpoint, key: paramiko.PKey) -> bool:
    """Whether this is the pinned key; remembers its kind if so."""
    if not endpoint.host_key or key.fingerprint != endpoint.host_key:
        return False
    name = key.get_name()
    _fitted[endpoint.host_key] = next((kind for kind in _KINDS if name in kind), _KINDS[-1])
    return True
