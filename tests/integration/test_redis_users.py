"""Redis's users as the admin guide gives them: each can do its work, and no more."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from kombu import Connection, Consumer, Exchange, Queue

from liveupdate.dispatch import TASKS
from portal.celery import app
from portal.web import bell
from tests.redis_server import RedisServer, redis_server

pytestmark = [pytest.mark.threat("T25"), pytest.mark.asvs("13.2.2", "13.2.3")]
OPTIONS = app.conf.broker_transport_options


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


def test_pages_ring_and_workers_hear(server: RedisServer) -> None:
    """By Celery's own transport, with its options: sent as pages send, taken as workers take."""
    queue = Queue("celery", Exchange("celery", type="direct"), routing_key="celery")
    heard: list[Any] = []

    def hear(body: Any, message: Any) -> None:
        heard.append(body[0])
        message.ack()

    with Connection(server.celery_url("lu-web"), transport_options=OPTIONS) as pages:
        for number in (1, 2, 3):
            app.send_task(TASKS["run"], args=[number], connection=pages, ignore_result=True)
    with (
        Connection(server.celery_url("lu-worker"), transport_options=OPTIONS) as worker,
        Consumer(worker, [queue], accept=["json"], callbacks=[hear]),
    ):
        while len(heard) < 3:
            worker.drain_events(timeout=10)
    assert heard == [[1], [2], [3]]


@pytest.mark.parametrize("user", ["lu-web", "lu-worker"])
def test_the_bell_of_pages_is_rung_and_heard(server: RedisServer, settings: Any, user: str) -> None:
    settings.REDIS_URL = server.url("lu-web")
    listener = bell.Listener()
    assert listener.wait(0.01) is None
    bell._client.cache_clear()
    settings.REDIS_URL = server.url(user)
    try:
        heard: set[str] | None = None
        for _ in range(40):
            bell.ring("run:1")
            heard = listener.wait(0.5)
            if heard:
                break
        assert heard == {"run:1"}
    finally:
        bell._client.cache_clear()


FORBIDDEN = [
    ("FLUSHALL",), ("FLUSHDB",), ("CONFIG", "GET", "*"), ("CONFIG", "SET", "dir", "/tmp"), ("KEYS", "*"),
    ("SHUTDOWN",), ("SAVE",), ("ACL", "LIST"), ("MODULE", "LIST"), ("MONITOR",),
    ("SLAVEOF", "h", "1"), ("SCAN", "0"), ("MIGRATE", "h", "1", "k", "0", "1"), ("CLIENT", "LIST"),
    ("SWAPDB", "0", "1"), ("SET", "other", "x"), ("LPUSH", "other", "x"), ("PUBLISH", "other", "x"),
]  # fmt: skip
FORBIDDEN_TO_PAGES = [
    ("BRPOP", "lu:celery", "1"), ("RPOP", "lu:celery"), ("DEL", "lu:celery"), ("GET", "lu:x"),
    ("SET", "lu:x", "1"), ("EVAL", "return 1", "0"), ("HGET", "lu:unacked", "x"),
    ("LRANGE", "lu:celery", "0", "-1"), ("PSUBSCRIBE", "*"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("user", "commands"), [("lu-worker", FORBIDDEN), ("lu-web", [*FORBIDDEN, *FORBIDDEN_TO_PAGES])]
)
def test_everything_else_is_refused(server: RedisServer, user: str, commands: list[tuple[str, ...]]) -> None:
    with redis.Redis.from_url(server.url(user)) as client:
        for command in commands:
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*command)


@pytest.mark.parametrize("address", ["unix://{}", "unix://default:x@{}", "unix://lu-web:wrong@{}"])
def test_nobody_gets_in_without_a_password(server: RedisServer, address: str) -> None:
    with redis.Redis.from_url(address.format(server.socket)) as client, pytest.raises(redis.RedisError):
        client.ping()
