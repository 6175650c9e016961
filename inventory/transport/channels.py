"""Session channels with deadlines everywhere: opening, requests, reading, writing.

paramiko waits without limit for the answer to a channel request, and its timeouts count inactivity.
Here a request is sent and its answer is awaited together with the output, so one monotonic deadline
holds for the whole exchange, also against a host that froze.
"""

import contextlib
import random
import threading
import time
from typing import Protocol, cast

import paramiko
from paramiko.common import cMSG_CHANNEL_REQUEST

from inventory.transport.errors import ContactLost, DeadlineExceeded, SessionsExhausted

_REFUSED_TRIES = 6
_ECHO, _ONLCR = 53, 72
TERMINAL_MODES = b"".join(bytes([mode]) + (0).to_bytes(4) for mode in (_ECHO, _ONLCR)) + b"\x00"
"""RFC 4254 section 8: no echo and no LF to CR LF from the first byte on."""


class _Sender(Protocol):
    """The part of paramiko's Transport (>=5.1,<6) that its type stubs leave out."""

    def _send_user_message(self, data: paramiko.Message) -> None: ...


class Bell(threading.Event):
    """Rings when either stream of a channel has news.

    Both of a channel's buffers share it, and each clears its event when it runs empty; so `clear` does
    nothing and the reader silences the bell itself.
    """

    def clear(self) -> None:
        """Ignored: one empty buffer says nothing about the other."""

    def silence(self) -> None:
        """Wait for the next ring from now on."""
        super().clear()


def open_channel(transport: paramiko.Transport, host: str, timeout_s: float) -> paramiko.Channel:
    """A new session channel. Raises SessionsExhausted, DeadlineExceeded or ContactLost."""
    for attempt in range(1, _REFUSED_TRIES + 1):
        try:
            return transport.open_session(timeout=timeout_s)
        except paramiko.ChannelException as error:
            if attempt == _REFUSED_TRIES:
                raise SessionsExhausted(
                    host,
                    f"it refuses one more session on this connection: {error}.",
                    remedy="Raise MaxSessions in its sshd_config, or wait until a session ends.",
                ) from error
            time.sleep(random.uniform(0.05, 0.1) * attempt)  # noqa: S311 - spreads load, guards nothing
        except (OSError, EOFError) as error:
            raise lost(host, error) from error
        except paramiko.SSHException as error:
            if transport.is_active():
                raise DeadlineExceeded(host, f"it opened no session within {timeout_s:g} s.") from error
            raise lost(host, error) from error
    raise AssertionError("unreachable: the last attempt returns or raises")


def close_channel(channel: paramiko.Channel) -> None:
    """Give a session back; on a connection that broke there is nothing to give back."""
    with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
        channel.close()


def request(channel: paramiko.Channel, kind: str, *fields: int | str | bytes) -> None:
    """Send a channel request without waiting; a refusal closes the channel (RFC 4254 section 5.4)."""
    message = paramiko.Message()
    message.add_byte(cMSG_CHANNEL_REQUEST)
    message.add_int(channel.remote_chanid)
    message.add_string(kind)
    message.add_boolean(True)
    for item in fields:
        if isinstance(item, int):
            message.add_int(item)
        else:
            message.add_string(item)
    cast(_Sender, channel.get_transport())._send_user_message(message)


def request_terminal(channel: paramiko.Channel) -> None:
    """Ask for a wide terminal that neither echoes nor rewrites line ends."""
    request(channel, "pty-req", "dumb", 512, 200, 0, 0, TERMINAL_MODES)


def lost(host: str, why: object, *, stdout: bytes = b"", stderr: bytes = b"") -> ContactLost:
    """The error for a connection that broke."""
    reason = str(why) or "connection closed"
    return ContactLost(
        host,
        f"contact lost ({reason}).",
        stdout=stdout,
        stderr=stderr,
        remedy="What was started may still run; the portal looks for it when the host answers again.",
    )
