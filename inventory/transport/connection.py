"""A session on one host: run commands, answer prompts, move small files, launch and follow.

    with connect(endpoint) as connection:
        result = connection.run(Command(("oslevel", "-s")), deadline_s=30)

One thread uses a connection at a time. Every call has a deadline and raises errors of
`inventory.transport.errors` only.
"""

from types import TracebackType
from typing import Self

import paramiko

from inventory.command import Command
from inventory.transport import handshake
from inventory.transport.endpoint import Endpoint
from inventory.transport.exchange import MOST_BYTES, Exchange
from inventory.transport.result import OnOutput, Result

CONNECT_S = 15.0


class Connection:
    """An authenticated session with the pinned host; close it, or use it in a `with` statement."""

    def __init__(self, endpoint: Endpoint, transport: paramiko.Transport) -> None:
        self.endpoint = endpoint
        self.transport = transport

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the session. Detached commands on the host go on."""
        handshake.close(self.transport)

    @property
    def alive(self) -> bool:
        """Whether the session stands, as far as this side knows."""
        return self.transport.is_active()

    def run(
        self,
        command: Command,
        *,
        deadline_s: float,
        stdin: bytes = b"",
        on_output: OnOutput | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> Result:
        """Run one command and read both streams to their end.

        `on_output` hears each piece as it comes. Raises DeadlineExceeded (the command may still run),
        ContactLost, OutputTooLong beyond `most_bytes` a stream, or RemoteFailure when the host runs no
        commands. A result whose status is None is neither success nor failure.
        """
        exchange = Exchange(
            self.transport,
            self.endpoint.name,
            command.wire(),
            deadline_s=deadline_s,
            stdin=stdin,
            on_output=on_output,
            most_bytes=most_bytes,
        )
        return exchange.finish()


def connect(endpoint: Endpoint, timeout_s: float = CONNECT_S) -> Connection:
    """A session with the host that holds the pinned key.

    `timeout_s` holds for each phase of the set-up. Raises Unreachable, HostKeyUnknown, HostKeyChanged,
    AuthenticationRefused or SecretMissing; nothing is run on the host.
    """
    return Connection(endpoint, handshake.open_session(endpoint, timeout_s))
