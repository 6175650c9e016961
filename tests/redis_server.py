"""A Redis-compatible server with the users of `docs/examples/redis-users.acl`, for tests."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis

from portal.runner.broker import embedded_broker

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "redis-users.acl"
PASSWORDS = {"lu-worker": "of-the-worker", "lu-web": "of-the-web"}


@dataclass(slots=True)
class RedisServer:
    """A running server; `keeper` is a user that may do everything, as whoever looks after it."""

    argv: tuple[str, ...]
    socket: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        self._process = subprocess.Popen(self.argv, stdout=subprocess.DEVNULL)
        _wait(self)

    def kill(self) -> None:
        """Let it die at once, with all that it holds."""
        assert self._process
        self._process.kill()
        self._process.wait(20)

    def url(self, user: str = "") -> str:
        """Its address, with the password of a user."""
        signed = f"{user}:{PASSWORDS[user]}@" if user else ""
        return f"unix://{signed}{self.socket}"

    def celery_url(self, user: str) -> str:
        """The same as Celery writes it."""
        return self.url(user).replace("unix://", "redis+socket://", 1)

    def keeper(self) -> redis.Redis:
        """A client of the server's own keeper."""
        return redis.Redis.from_url(f"unix://keeper:keeps@{self.socket}")


@contextmanager
def redis_server(directory: Path) -> Iterator[RedisServer]:
    """The server until the end; its users are those of the example and its keeper."""
    acl = EXAMPLE.read_text(encoding="utf-8")
    for user, password in PASSWORDS.items():
        acl = acl.replace(f"{user.removeprefix('lu-').upper()}-PASSWORD", password)
    file = directory / "users.acl"
    file.write_text(f"{acl}user keeper on >keeps allkeys allchannels allcommands\n", encoding="utf-8")
    with embedded_broker() as broker:
        server = RedisServer((*broker.argv, "--aclfile", str(file)), broker.socket)
        try:
            server.start()
            yield server
        finally:
            server.kill()


def _wait(server: RedisServer) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(redis.ConnectionError), server.keeper() as client:
            client.ping()
            return
        time.sleep(0.05)
    raise AssertionError("the server does not answer")
