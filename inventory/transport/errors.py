"""What can go wrong between the portal and a host, as sentences with a remedy."""

from portal.lib.errors import PortalError


class TransportError(PortalError):
    """Base of everything that the transport raises; `host` is the endpoint's name."""

    code = "transport"

    def __init__(self, host: str, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{host}: {message}", remedy=remedy)
        self.host = host


class Unreachable(TransportError):
    """No SSH session could be set up; nothing was sent."""

    code = "unreachable"


class AddressRefused(TransportError):
    """The host's address is outside the networks that the portal connects to; nothing was sent."""

    code = "address_refused"

    def __init__(self, host: str, address: str, found: str) -> None:
        said = found if found == address else f"{address} ({found})"
        super().__init__(
            host,
            f"its address {said} is outside the networks that the portal connects to.",
            remedy="Correct the address in the inventory, or add its network to PORTAL_NETWORKS.",
        )


class AlgorithmsRefused(TransportError):
    """The host offers only SSH algorithms below the portal's floor; it saw neither account nor credential."""

    code = "algorithms_refused"

    def __init__(self, host: str, why: str) -> None:
        super().__init__(
            host,
            f"no common SSH algorithm: {why.rstrip('.')}.",
            remedy="Its SSH is too old for the portal's security floor: update it, or have an administrator "
            "record an exception on the host's page.",
        )


class AuthenticationRefused(TransportError):
    """The host key is right, but the host does not accept the account's credential."""

    code = "authentication_refused"


class ShellRefused(TransportError):
    """The account's login shell does not read a command line as a POSIX shell does."""

    code = "shell_refused"

    def __init__(self, host: str, account: str, said: str) -> None:
        answer = f" It answered: {said}" if said else ""
        super().__init__(
            host,
            f"the login shell of {account} is no POSIX shell, so commands could reach it altered.{answer}",
            remedy=f"Give the account the POSIX shell: chuser shell=/usr/bin/ksh {account}",
        )


class SecretMissing(TransportError):
    """A credential reference names nothing usable; no secret is part of the message."""

    code = "secret_missing"


class HostKeyUnknown(TransportError):
    """No key is pinned for the host. `fingerprint` (`SHA256:…`) and `key_type` are what it presented.

    The session ended before authentication: the host has seen neither account nor credential.
    """

    code = "host_key_unknown"

    def __init__(self, host: str, fingerprint: str, key_type: str) -> None:
        super().__init__(
            host,
            f"its host key is not known yet; it presented {key_type} {fingerprint}.",
            remedy="Compare the fingerprint with the host's console and accept it in the inventory.",
        )
        self.fingerprint = fingerprint
        self.key_type = key_type


class HostKeyChanged(TransportError):
    """The host has no key with the pinned fingerprint. `fingerprint` is what it presented instead.

    The session ended before authentication.
    """

    code = "host_key_changed"

    def __init__(self, host: str, pinned: str, fingerprint: str, key_type: str) -> None:
        super().__init__(
            host,
            f"its host key is not the pinned one: pinned {pinned}, presented {key_type} {fingerprint}.",
            remedy="Find out why before anything else. If the host was rebuilt, have the new key accepted.",
        )
        self.pinned = pinned
        self.fingerprint = fingerprint
        self.key_type = key_type


class Interrupted(TransportError):
    """A command was sent and its end not seen; `stdout` and `stderr` are the bytes that came."""

    code = "interrupted"

    def __init__(
        self, host: str, message: str, *, stdout: bytes = b"", stderr: bytes = b"", remedy: str = ""
    ) -> None:
        super().__init__(host, message, remedy=remedy)
        self.stdout = stdout
        self.stderr = stderr


class DeadlineExceeded(Interrupted):
    """The command did not end in time. It may still run on the host: nothing was killed."""

    code = "deadline_exceeded"


class ContactLost(Interrupted):
    """The connection broke. Whether the command ended is unknown; connect again and look."""

    code = "contact_lost"


class SessionsExhausted(ContactLost):
    """The host refuses one more session on this connection (sshd's `MaxSessions`); nothing was sent."""

    code = "sessions_exhausted"


class OutputTooLong(Interrupted):
    """The command printed more than the caller allows; reading stopped."""

    code = "output_too_long"


class RemoteFailure(TransportError):
    """A helper command of the transport failed on the host; `status` is None when unknown."""

    code = "remote_failure"

    def __init__(self, host: str, message: str, *, status: int | None, remedy: str = "") -> None:
        super().__init__(host, message, remedy=remedy)
        self.status = status
