"""The bell between workers and pages: quick when it rings, and nothing is lost when it cannot."""

import time
from collections.abc import Iterator

import pytest

from portal.runner.broker import embedded_broker
from portal.web import bell


@pytest.fixture
def broker(settings: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    import subprocess

    import redis

    with embedded_broker() as made:
        process = subprocess.Popen(made.argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        settings.REDIS_URL = made.url  # type: ignore[attr-defined]
        bell._client.cache_clear()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                redis.Redis.from_url(made.url).ping()
                break
            except redis.ConnectionError:
                time.sleep(0.05)
        yield made.url
        process.terminate()
        process.wait(10)
        bell._client.cache_clear()
    assert not made.socket.parent.exists()


def test_a_ring_is_heard_by_name_long_before_the_next_poll(broker: str) -> None:
    listener = bell.Listener()
    assert listener.wait(30) is None
    bell.ring("run:17")
    started = time.monotonic()
    assert listener.wait(30) == {"run:17"}
    assert time.monotonic() - started < 5


def test_without_a_broker_everything_is_read_at_the_poll(settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    bell._client.cache_clear()
    listener = bell.Listener()
    bell.ring("run:17")
    assert listener.wait(0.2) is None
    started = time.monotonic()
    assert listener.wait(0.2) is None
    assert 0.1 < time.monotonic() - started < 2
    bell._client.cache_clear()


def test_news_of_this_process_need_no_broker(settings: object) -> None:
    settings.REDIS_URL = ""  # type: ignore[attr-defined]
    listener = bell.Listener()
    assert listener.wait(30) is None
    listener.wake("run:3")
    assert listener.wait(30) == {"run:3"}
