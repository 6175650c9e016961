"""From an address to an authenticated SSH session with the pinned host.

At most 24 key exchanges run at once in a process: more at a time cost processor time and lose hosts to
their handshake timeout. sshd drops connections at random when many log in at once (`MaxStartups`), so a
connection closed before its banner is tried again after a short random pause.
"""

import contextlib
import random
import socket
import threading
import time
from collections.abc import Sequence

import paramiko

from inventory.transport import algorithms, host_keys, networks
from inventory.transport.credentials import Keys, Password, resolve
from inventory.transport.endpoint import Endpoint
from inventory.transport.errors import (
    AddressRefused,
    AlgorithmsRefused,
    AuthenticationRefused,
    HostKeyChanged,
    HostKeyUnknown,
    SecretMissing,
    Unreachable,
)

MOST_HANDSHAKES = 24
KEEPALIVE_S = 30
IDLE_POLL_S = 10.0
SILENCE_S = 900
WINDOW_BYTES = 512 * 1024
_BANNER_TRIES = 4
_NO_ANSWER = (
    "Authentication failed: transport shut down or saw EOF",
    "Authentication timeout.",
)
"""paramiko's words for a sign-in that got no answer, which is no refusal."""

_gate = threading.BoundedSemaphore(MOST_HANDSHAKES)


class _Transport(paramiko.Transport):
    """The floor of `algorithms`, and what the endpoint is excepted for."""

    def __init__(self, sock: socket.socket, endpoint: Endpoint, refused_keys: Sequence[str]) -> None:
        allowed = algorithms.allowed(endpoint.weak_algorithms)
        known = self._kex_info  # type: ignore[attr-defined] # the stubs leave it out
        self._preferred_kex = tuple(name for name in allowed.key_exchanges if name in known)
        self._preferred_ciphers = allowed.ciphers
        self._preferred_macs = allowed.checksums
        super().__init__(
            sock, default_window_size=WINDOW_BYTES, disabled_algorithms={"keys": list(refused_keys)}
        )


class _BannerLost(Exception):
    """The host closed the connection before it said who it is."""


def open_session(endpoint: Endpoint, timeout_s: float) -> paramiko.Transport:
    """An authenticated session; `timeout_s` holds for each phase (connect, banner, keys, sign-in).

    Raises AddressRefused, Unreachable, AlgorithmsRefused, HostKeyUnknown, HostKeyChanged,
    AuthenticationRefused or SecretMissing. A host whose key is not the pinned one sees neither account
    nor credential.
    """
    presented: paramiko.PKey | None = None
    for attempt in host_keys.attempts(endpoint):
        try:
            transport = _with_retry(endpoint, timeout_s, attempt)
        except paramiko.ssh_exception.IncompatiblePeer as error:
            if presented is None and not attempt.narrowed:
                raise AlgorithmsRefused(endpoint.name, str(error)) from error
            continue
        key = transport.get_remote_server_key()
        if host_keys.matches(endpoint, key):
            return _authenticated(transport, endpoint, timeout_s)
        close(transport)
        if not endpoint.host_key:
            raise HostKeyUnknown(endpoint.name, key.fingerprint, key.get_name())
        presented = presented or key
    if presented is None:
        raise Unreachable(endpoint.name, "it offers no host key that the portal can check.")
    raise HostKeyChanged(endpoint.name, endpoint.host_key, presented.fingerprint, presented.get_name())


def close(transport: paramiko.Transport) -> None:
    """Close a session at once, without waiting for the reader's poll."""
    with contextlib.suppress(OSError):
        transport.sock.shutdown(socket.SHUT_RDWR)
    transport.close()


def _with_retry(endpoint: Endpoint, timeout_s: float, keys: host_keys.Attempt) -> paramiko.Transport:
    give_up = time.monotonic() + timeout_s
    for attempt in range(1, _BANNER_TRIES + 1):
        sock = _connected(endpoint, timeout_s)
        try:
            with _gate:
                return _keys_exchanged(sock, endpoint, timeout_s, keys)
        except _BannerLost as error:
            if attempt == _BANNER_TRIES or time.monotonic() > give_up:
                raise Unreachable(
                    endpoint.name,
                    f"it closed the connection {attempt} times before its SSH banner.",
                    remedy="Check sshd's MaxStartups, its logs, and address filters on the way.",
                ) from error
            time.sleep(random.uniform(0.1, 0.5) * attempt)  # noqa: S311 - spreads load, guards nothing
    raise AssertionError("unreachable: the last attempt returns or raises")


def _connected(endpoint: Endpoint, timeout_s: float) -> socket.socket:
    try:
        sock = networks.connected(endpoint.address, endpoint.port, endpoint.networks, timeout_s)
    except networks.OutsideNetworks as error:
        raise AddressRefused(endpoint.name, endpoint.address, str(error)) from error
    except OSError as error:
        raise Unreachable(
            endpoint.name,
            f"no connection to {endpoint.address} port {endpoint.port}: {error.strerror or error}.",
            remedy="Check the address, the network and that sshd runs.",
        ) from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_S * 1000)
    return sock


def _keys_exchanged(
    sock: socket.socket, endpoint: Endpoint, timeout_s: float, keys: host_keys.Attempt
) -> paramiko.Transport:
    transport = _Transport(sock, endpoint, keys.refused)
    transport.banner_timeout = timeout_s
    transport.handshake_timeout = timeout_s
    transport.auth_timeout = timeout_s
    transport.channel_timeout = timeout_s
    started = time.monotonic()
    try:
        transport.start_client(timeout=2 * timeout_s)
        transport.get_remote_server_key()
    except paramiko.ssh_exception.IncompatiblePeer:
        close(transport)
        raise
    except (paramiko.SSHException, OSError, EOFError) as error:
        close(transport)
        if not transport.remote_version and time.monotonic() - started < timeout_s:
            raise _BannerLost from error
        raise Unreachable(
            endpoint.name,
            f"no SSH session on {endpoint.address} port {endpoint.port}: {error or 'connection closed'}.",
            remedy="The host accepts connections but does not speak SSH in time; check its load and sshd.",
        ) from error
    return transport


def _authenticated(transport: paramiko.Transport, endpoint: Endpoint, timeout_s: float) -> paramiko.Transport:
    try:
        credential = resolve(endpoint.credential, endpoint.name)
        with _gate:
            _sign_in(transport, endpoint, credential)
    except (AuthenticationRefused, SecretMissing):
        close(transport)
        raise
    except (paramiko.SSHException, OSError, EOFError) as error:
        close(transport)
        raise Unreachable(endpoint.name, f"the connection broke while signing in: {error}.") from error
    transport.set_keepalive(KEEPALIVE_S)
    transport.sock.settimeout(IDLE_POLL_S)
    return transport


def _sign_in(transport: paramiko.Transport, endpoint: Endpoint, credential: Keys | Password) -> None:
    refusal: paramiko.AuthenticationException | None = None
    attempts = [credential] if isinstance(credential, Password) else list(credential.keys)
    for attempt in attempts:
        try:
            if isinstance(attempt, Password):
                missing = transport.auth_password(endpoint.account, attempt.text)
            else:
                missing = transport.auth_publickey(endpoint.account, attempt)
        except paramiko.AuthenticationException as error:
            if refusal is None and str(error) in _NO_ANSWER:
                raise paramiko.SSHException(str(error)) from error
            refusal = error
            if not transport.is_active():
                break
            continue
        if missing:
            raise AuthenticationRefused(
                endpoint.name, f"it wants a second factor ({', '.join(missing)}) for {endpoint.account}."
            )
        return
    raise _refused(endpoint, credential, refusal)


def _refused(
    endpoint: Endpoint, credential: Keys | Password, refusal: paramiko.AuthenticationException | None
) -> AuthenticationRefused:
    if isinstance(credential, Password):
        offered = "the password"
    else:
        offered = "the key " + ", ".join(f"{key.get_name()} {key.fingerprint}" for key in credential.keys)
    accepts = ""
    if isinstance(refusal, paramiko.BadAuthenticationType):
        accepts = f" It accepts only: {', '.join(refusal.allowed_types)}."
    return AuthenticationRefused(
        endpoint.name,
        f"it refuses {offered} of {endpoint.credential} for the account {endpoint.account}.{accepts}",
        remedy="Check the account (locked, expired, remote login allowed) and its authorized_keys.",
    )
