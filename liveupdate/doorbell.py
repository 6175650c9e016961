"""What a worker takes from Redis: doorbells, and nothing else (threats T23 and T25).

Redis is not trusted. A message may say two things, which bell rings and for which row; from these a new
one is made, so that nothing else it carries (callbacks, times, compressed or foreign content) reaches Celery.
"""

import json
import logging
from base64 import b64decode, b64encode
from typing import Any
from uuid import uuid4

from kombu.transport import redis

from liveupdate.dispatch import TASKS

LONGEST = 8192
"""Bytes; a doorbell of the portal has about 1,000."""

log = logging.getLogger(__name__)
Answer = tuple[bytes, bytes]


def names_a_row(pk: object) -> bool:
    """Whether a message holds what an id can be; others, which nobody of the portal sends, do nothing."""
    return isinstance(pk, int) and 0 < pk < 2**63


def only_doorbells(answer: Answer | None) -> Answer | None:
    """What BRPOP took, as a queue and a doorbell in Celery's protocol 2; None, and a warning, for others."""
    if not answer:
        return None
    queue, item = answer
    try:
        return queue, _doorbell(*_read(item))
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        log.warning("A message of %d bytes in Redis is no doorbell, it is dropped: %r", len(item), error)
        return None


def _read(item: bytes) -> tuple[str, int]:
    if len(item) > LONGEST:
        raise ValueError("it is too long")
    message = json.loads(item)
    task, arguments = message["headers"]["task"], json.loads(b64decode(message["body"], validate=True))[0]
    if task not in TASKS.values():
        raise ValueError("it names no bell")
    if len(arguments) != 1 or not names_a_row(arguments[0]):
        raise ValueError("it names no row")
    return task, arguments[0]


def _doorbell(task: str, pk: int) -> bytes:
    name = str(uuid4())
    properties = {
        "body_encoding": "base64",
        "delivery_tag": name,
        "delivery_info": {"exchange": "", "routing_key": "celery"},
    }
    message = {
        "headers": {"lang": "py", "id": name, "task": task},
        "properties": properties,
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "body": b64encode(json.dumps([[pk], {}, {}]).encode()).decode(),
    }
    return json.dumps(message).encode()


class Channel(redis.Channel):
    """Hands on doorbells alone, and puts none back: the database knows what waits."""

    do_restore = False

    def _create_client(self, asynchronous: bool = False) -> Any:
        client = super()._create_client(asynchronous)  # type: ignore[misc]
        client.set_response_callback("BRPOP", only_doorbells)
        return client


class Transport(redis.Transport):
    """Celery's way to Redis, with these channels."""

    Channel = Channel
