"""Reading a launched command's files: over SFTP, or with `dd` where the host offers no SFTP.

SFTP costs the host no process per look and this side 0.4 ms; one channel serves a whole follow.
"""

import contextlib
from typing import Protocol, cast

import paramiko

from inventory.command import Command
from inventory.transport.channels import close_channel, lost, open_channel, request
from inventory.transport.errors import RemoteFailure
from inventory.transport.launcher import HELPER_S, Runs
from inventory.transport.result import Stream, Tick

PIECE = 64 * 1024
_BLOCKS = 16
_SECOND = 1.0
_DEATH_S = 0.3
_READ = '[ -f "$1" ] || exit 66; dd if="$1" bs=65536 skip="$2" count="$3" 2>/dev/null'


class Follows(Runs, Protocol):
    """What following needs of a connection."""

    transport: paramiko.Transport


class Reader(Protocol):
    """Looks at the files of one launched command."""

    least_poll_s: float

    def read(self, stream: Stream, offset: int) -> bytes:
        """Some bytes from the offset on; empty at the file's present end."""

    def ended(self) -> bool:
        """Whether the exit status is in place, so no more bytes of the command will come."""

    def close(self) -> None:
        """Give the host's resources back."""


class ReaderRefused(Exception):
    """The host does not offer this way of reading; the connection itself stands."""


class _PatientChannel:
    """A channel for SFTP that calls `tick` once a second while the host says nothing."""

    def __init__(self, channel: paramiko.Channel, tick: Tick) -> None:
        self._channel = channel
        self._tick = tick
        channel.settimeout(_SECOND)

    def recv(self, size: int) -> bytes:
        while True:
            with contextlib.suppress(TimeoutError):
                return self._channel.recv(size)
            self._tick()

    def send(self, data: bytes) -> int:
        while True:
            with contextlib.suppress(TimeoutError):
                return self._channel.send(data)
            self._tick()

    def get_name(self) -> str:
        return self._channel.get_name()

    def close(self) -> None:
        self._channel.close()


class SftpReader:
    """Reads over one SFTP channel. Raises ReaderRefused at once where there is no SFTP."""

    least_poll_s = 0.0

    def __init__(self, connection: Follows, directory: str, tick: Tick) -> None:
        self._connection = connection
        self._directory = directory
        channel = open_channel(
            connection.transport, connection.endpoint.name, connection.transport.channel_timeout
        )
        self._files: dict[Stream, paramiko.SFTPFile] = {}
        try:
            request(channel, "subsystem", "sftp")
            self._sftp = paramiko.SFTPClient(cast(paramiko.Channel, _PatientChannel(channel, tick)))
            for stream in ("stdout", "stderr"):
                self._files[stream] = self._sftp.open(f"{directory}/{stream}", "rb", bufsize=0)
        except (paramiko.SSHException, OSError, EOFError) as error:
            close_channel(channel)
            raise self._failure(error) from error

    def read(self, stream: Stream, offset: int) -> bytes:
        """Up to 64 KiB from the offset on."""
        try:
            file = self._files[stream]
            file.seek(offset)
            return file.read(PIECE)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise self._failure(error) from error

    def ended(self) -> bool:
        """Whether `status` is there."""
        try:
            self._sftp.stat(f"{self._directory}/status")
        except FileNotFoundError:
            return False
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise self._failure(error) from error
        return True

    def close(self) -> None:
        """Close the channel; sftp-server on the host ends with it."""
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            self._sftp.close()

    def _failure(self, error: Exception) -> Exception:
        transport = self._connection.transport
        if not isinstance(error, FileNotFoundError | PermissionError):
            transport.join(_DEATH_S)
        if transport.is_active():
            return ReaderRefused(str(error))
        return lost(self._connection.endpoint.name, transport.saved_exception or error)


class ExecReader:
    """Reads with one `dd` a look, up to 1 MiB at a time."""

    least_poll_s = 0.5

    def __init__(self, connection: Runs, directory: str, tick: Tick) -> None:
        self._connection = connection
        self._directory = directory
        self._tick = tick

    def read(self, stream: Stream, offset: int) -> bytes:
        """Up to 1 MiB from the offset on. Raises RemoteFailure, DeadlineExceeded or ContactLost."""
        skip, leading = divmod(offset, PIECE)
        words = ("sh", "-c", _READ, "sh", f"{self._directory}/{stream}", str(skip), str(_BLOCKS))
        result = self._connection.run(Command(words), deadline_s=HELPER_S, tick=self._tick)
        if result.status != 0:
            raise RemoteFailure(
                self._connection.endpoint.name,
                f"could not read {self._directory}/{stream} (status {result.status}).",
                status=result.status,
                remedy="Check that the file is still there and that dd works.",
            )
        return result.stdout[leading:]

    def ended(self) -> bool:
        """Whether `status` is there."""
        look = Command(("test", "-f", f"{self._directory}/status"))
        return self._connection.run(look, deadline_s=HELPER_S, tick=self._tick).status == 0

    def close(self) -> None:
        """Nothing is held open."""


def open_reader(connection: Follows, directory: str, tick: Tick) -> Reader:
    """SFTP where the host has it, else `dd`."""
    try:
        return SftpReader(connection, directory, tick)
    except ReaderRefused:
        return ExecReader(connection, directory, tick)
