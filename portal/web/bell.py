"""The bell that wakes live pages: a hint, never the news itself; the truth is read from rows."""

import logging
import threading
import time
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings

CHANNEL = "lu:pages"
GAP_S = 0.04
"""Least time between two readings, however often the bell rings."""
RETRY_S = 5.0

log = logging.getLogger(__name__)


def ring(name: str) -> None:
    """Say that there is news of a feed, e.g. `run:17`. Costs a page at most a poll when it is lost."""
    if not settings.REDIS_URL:
        return
    try:
        _client().publish(CHANNEL, name)
    except redis.RedisError as error:
        log.debug("bell not heard: %s", error)


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


class Listener:
    """Waits for news: by name when the bell rings, for everything when the time is up."""

    def __init__(self) -> None:
        self._ringing = threading.Event()
        self._lock = threading.Lock()
        self._names: set[str] = set()
        self._bell: Any = None
        self._client: Any = None
        self._subscribe_at = 0.0
        self._all_at = 0.0

    def wake(self, name: str) -> None:
        """Have `name` read at once."""
        with self._lock:
            self._names.add(name)
            self._ringing.set()

    def wait(self, poll_s: float) -> set[str] | None:
        """The names with news, or None when everything is due because `poll_s` seconds are over."""
        self._subscribe()
        left = self._all_at - time.monotonic()
        rung = left > 0 and self._ringing.wait(left)
        if rung:
            time.sleep(GAP_S)
        with self._lock:
            names, self._names = self._names, set()
            self._ringing.clear()
        if rung:
            return names
        self._all_at = time.monotonic() + poll_s
        return None

    def _subscribe(self) -> None:
        if self._bell is not None or not settings.REDIS_URL or time.monotonic() < self._subscribe_at:
            return
        self._subscribe_at = time.monotonic() + RETRY_S
        # The client is kept: when it is collected it takes the subscription's connection along.
        self._client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1)
        bell = self._client.pubsub(ignore_subscribe_messages=True)
        try:
            bell.subscribe(**{CHANNEL: lambda message: self.wake(message["data"].decode())})
        except redis.RedisError as error:
            log.debug("no bell, polling: %s", error)
            return
        self._bell = bell.run_in_thread(sleep_time=5, daemon=True, exception_handler=self._lost)

    def _lost(self, error: BaseException, _pubsub: Any, thread: Any) -> None:
        log.debug("bell lost, polling: %s", error)
        thread.stop()
        self._bell = None
