"""A session on one host: run commands, answer prompts, move small files, launch and follow.

    with connect(endpoint) as connection:
        result = connection.run(Command(("oslevel", "-s")), deadline_s=30)

One thread uses a connection at a time. Every call has a deadline and raises errors of
`inventory.transport.errors` only.
"""

from collections.abc import Callable, MutableMapping, Sequence
from types import TracebackType
from typing import Self

import paramiko

from inventory.command import Command
from inventory.transport import files, handshake, launcher
from inventory.transport.dialogue import Dialogue
from inventory.transport.endpoint import Endpoint
from inventory.transport.exchange import MOST_BYTES, Exchange
from inventory.transport.follow import SILENCE_S, Follower
from inventory.transport.launcher import Launched, Probe
from inventory.transport.result import OnOutput, OnQuiet, Result, Stream, Tick

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
        tick: Tick | None = None,
    ) -> Result:
        """Run one command and read both streams to their end.

        `on_output` hears each piece as it comes; `tick` is called about once a second. Raises
        DeadlineExceeded (the command may still run), ContactLost, OutputTooLong beyond `most_bytes` a
        stream, or RemoteFailure when the host runs no commands. A result whose status is None is
        neither success nor failure.
        """
        exchange = Exchange(
            self.transport,
            self.endpoint.name,
            command.wire(),
            deadline_s=deadline_s,
            stdin=stdin,
            on_output=on_output,
            most_bytes=most_bytes,
            tick=tick,
        )
        return exchange.finish()

    def answer(
        self,
        command: Command,
        prompts: Sequence[tuple[str, str]],
        *,
        deadline_s: float,
        on_output: OnOutput | None = None,
        tick: Tick | None = None,
    ) -> Result:
        """Run one command on a terminal and answer its prompts, given as (regex, secret) in order.

        A secret is typed only when its regex is found in the line on which the cursor stands, and the
        prompts before it were answered. The terminal never echoes, and the secrets are cut from the
        output all the same. A terminal has one stream, so standard error comes as standard output.
        Raises as `run` does; a prompt that never comes ends in DeadlineExceeded, nothing typed.
        """
        exchange = Exchange(
            self.transport,
            self.endpoint.name,
            command.wire(),
            deadline_s=deadline_s,
            on_output=on_output,
            tick=tick,
            dialogue=Dialogue(prompts),
        )
        return exchange.finish()

    def write_file(self, path: str, content: bytes, mode: str = "0600") -> None:
        """Put a file in place whole or not at all; `mode` is octal text. See `files.write`."""
        files.write(self, path, content, mode)

    def read_file(self, path: str) -> bytes:
        """The content of a file. See `files.read`."""
        return files.read(self, path)

    def launch(self, key: str, command: Command) -> Launched:
        """Start a command detached, once ever for this key; see `launcher.launch`."""
        return launcher.launch(self, key, command)

    def probe(self, key: str) -> Probe:
        """What has become of a launched command; see `launcher.probe`."""
        return launcher.probe(self, key)

    def lengths(self, key: str) -> dict[Stream, int]:
        """How many bytes a launched command has printed by now; see `launcher.lengths`."""
        return launcher.lengths(self, key)

    def stop(self, key: str, *, grace_s: int = 10) -> Probe:
        """End a launched command's process group and look whether it ended; see `launcher.stop`."""
        return launcher.stop(self, key, grace_s=grace_s)

    def follow(
        self,
        key: str,
        offsets: MutableMapping[str, int],
        on_output: OnOutput,
        *,
        stop: Callable[[], bool],
        poll_s: float = 0.25,
        silence_s: float = SILENCE_S,
        on_quiet: OnQuiet | None = None,
    ) -> Probe:
        """Deliver a launched command's output from the offsets until it ended, vanished or `stop()`.

        `offsets` (stream to next byte) is kept up to date in place, after each piece that `on_output`
        took: after ContactLost, follow again with the same mapping on a new connection. Every byte of
        both streams comes exactly once, and ended or vanished is answered only after the last one.
        `on_quiet` hears each time the host answers that there is nothing new: until then nothing was missed.
        `stop` is asked about once a second, also while the host is silent; the answer is then starting or
        running. A command that was claimed but did not begin within 30 s is kept from beginning and comes
        back as vanished without pid.
        """
        follower = Follower(
            self,
            key,
            offsets,
            on_output,
            stop=stop,
            poll_s=poll_s,
            silence_s=silence_s,
            on_quiet=on_quiet,
        )
        return follower.follow()


def connect(endpoint: Endpoint, timeout_s: float = CONNECT_S) -> Connection:
    """A session with the host that holds the pinned key.

    `timeout_s` holds for each phase of the set-up. Raises AddressRefused, Unreachable, AlgorithmsRefused,
    HostKeyUnknown, HostKeyChanged, AuthenticationRefused or SecretMissing; nothing is run on the host.
    """
    return Connection(endpoint, handshake.open_session(endpoint, timeout_s))
