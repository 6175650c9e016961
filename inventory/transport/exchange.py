"""One remote command from its request to its exit status, both streams read as they come."""

import time

import paramiko

from inventory.transport.channels import Bell, close_channel, lost, open_channel, request, request_terminal
from inventory.transport.dialogue import Dialogue
from inventory.transport.errors import ContactLost, DeadlineExceeded, OutputTooLong, RemoteFailure
from inventory.transport.result import OnOutput, Result, Stream, Tick

MOST_BYTES = 64 * 1024 * 1024
_PIECE = 64 * 1024
_LINGER_S = 2.0
_DEATH_S = 0.3
_LONGEST_WAIT_S = 1.0
_WINDOW_POLL_S = 0.02


class Exchange:
    """A command on its own channel.

    `line` is the wire form; `deadline_s` counts from now. With a `dialogue` the command runs on a
    terminal and standard input stays open for the answers.
    """

    def __init__(
        self,
        transport: paramiko.Transport,
        host: str,
        line: str,
        *,
        deadline_s: float,
        stdin: bytes = b"",
        on_output: OnOutput | None = None,
        most_bytes: int = MOST_BYTES,
        tick: Tick | None = None,
        dialogue: Dialogue | None = None,
    ) -> None:
        self._transport = transport
        self._host = host
        self._deadline_s = deadline_s
        self._end = time.monotonic() + deadline_s
        self._unsent = memoryview(stdin)
        self._on_output = on_output
        self._most = most_bytes
        self._tick = tick
        self._ticked = time.monotonic()
        self._dialogue = dialogue
        self._kept: dict[Stream, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self._bell = Bell()
        self._channel = open_channel(transport, host, min(deadline_s, transport.channel_timeout))
        self._channel.settimeout(0.0)
        self._channel.in_buffer.set_event(self._bell)
        self._channel.in_stderr_buffer.set_event(self._bell)
        try:
            if dialogue:
                request_terminal(self._channel)
            request(self._channel, "exec", line)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise lost(host, error) from error

    def finish(self) -> Result:
        """Read until the command ended.

        Raises DeadlineExceeded, ContactLost, OutputTooLong or RemoteFailure.
        """
        try:
            return self._finish()
        finally:
            close_channel(self._channel)

    def _finish(self) -> Result:
        closing: float | None = None
        while True:
            self._bell.silence()
            self._write()
            moved = self._read()
            now = time.monotonic()
            if self._drained():
                return self._result()
            if moved:
                closing = None
            elif self._channel.status_event.is_set():
                closing = closing or now + _LINGER_S
                if now > closing:
                    return self._result()
            if now > self._end:
                raise self._late()
            if self._tick and now - self._ticked >= _LONGEST_WAIT_S:
                self._ticked = now
                self._tick()
            if not moved:
                self._wait(min(self._end, closing or self._end) - now)

    def _wait(self, at_most_s: float) -> None:
        longest = _WINDOW_POLL_S if self._unsent else _LONGEST_WAIT_S
        news = self._channel.status_event if self._channel.eof_received else self._bell
        news.wait(max(0.0, min(at_most_s, longest)))

    def _write(self) -> None:
        try:
            while self._unsent and self._channel.send_ready():
                sent = self._channel.send(bytes(self._unsent[:_PIECE]))
                if not sent:
                    return
                self._unsent = self._unsent[sent:]
            if not self._unsent and not self._dialogue and not self._channel.eof_sent:
                self._channel.shutdown_write()
        except TimeoutError:
            return
        except (OSError, EOFError, paramiko.SSHException):
            self._unsent = memoryview(b"")

    def _read(self) -> bool:
        moved = False
        while self._channel.recv_ready():
            piece = self._channel.recv(_PIECE)
            self._keep("stdout", self._talk(self._dialogue, piece) if self._dialogue else piece)
            moved = True
            if self._channel.recv_stderr_ready():
                break
        while self._channel.recv_stderr_ready():
            self._keep("stderr", self._channel.recv_stderr(_PIECE))
            moved = True
            if self._channel.recv_ready():
                break
        return moved

    def _talk(self, dialogue: Dialogue, piece: bytes) -> bytes:
        """Answer prompts in the piece; what is kept of it holds no secret."""
        answers, shown = dialogue.hear(piece)
        self._unsent = memoryview(bytes(self._unsent) + answers)
        return shown

    def _keep(self, stream: Stream, piece: bytes) -> None:
        if not piece:
            return
        kept = self._kept[stream]
        offset = len(kept)
        kept += piece
        if self._on_output:
            self._on_output(stream, offset, piece)
        if len(kept) > self._most:
            raise OutputTooLong(
                self._host,
                f"the command printed more than {self._most} bytes on {stream}; reading stopped.",
                stdout=self._bytes("stdout"),
                stderr=self._bytes("stderr"),
            )

    def _drained(self) -> bool:
        channel = self._channel
        return (
            bool(channel.closed or channel.eof_received)
            and channel.status_event.is_set()
            and not channel.recv_ready()
            and not channel.recv_stderr_ready()
        )

    def _result(self) -> Result:
        channel = self._channel
        if channel.exit_status < 0:
            self._transport.join(_DEATH_S)
        if not channel.eof_received and self._broken():
            raise self._lost()
        if channel.exit_status < 0 and not channel.event_ready:
            raise RemoteFailure(
                self._host,
                "it refuses to run commands for this account.",
                status=None,
                remedy="Check ForceCommand, the account's shell and the SSH server's restrictions.",
            )
        status = channel.exit_status if channel.exit_status >= 0 else None
        return Result(status, self._bytes("stdout"), self._bytes("stderr"))

    def _broken(self) -> bool:
        return self._transport.saved_exception is not None or not self._transport.is_active()

    def _bytes(self, stream: Stream) -> bytes:
        if self._dialogue and stream == "stdout":
            self._keep(stream, self._dialogue.rest())
        return bytes(self._kept[stream])

    def _lost(self) -> ContactLost:
        why = self._transport.saved_exception or "connection closed"
        return lost(self._host, why, stdout=self._bytes("stdout"), stderr=self._bytes("stderr"))

    def _late(self) -> DeadlineExceeded:
        waiting = self._dialogue.waiting() if self._dialogue else ""
        return DeadlineExceeded(
            self._host,
            f"the command did not end within {self._deadline_s:g} s{waiting}; it may still run there.",
            stdout=self._bytes("stdout"),
            stderr=self._bytes("stderr"),
            remedy="Look at the host before trying again.",
        )
