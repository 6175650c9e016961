"""Messages as somebody who can write into Redis forges them."""

import gzip
import json
from base64 import b64encode
from typing import Any

from liveupdate.dispatch import TASKS
from liveupdate.doorbell import LONGEST

FOR_AN_ATTACKER = {
    "eta": "2999-01-01T00:00:00", "expires": "1999-01-01T00:00:00", "compression": "application/x-gzip",
    "timelimit": [1e-9, 1e-9], "retries": 10**9, "shadow": "celery.chord", "group": "x", "root_id": "x",
}  # fmt: skip
LINKS = {
    "callbacks": [{"task": "celery.map", "args": ["liveupdate.tasks.ring", [1]], "options": {}}],
    "errbacks": [{"task": "liveupdate.tasks.start", "args": [1], "options": {}}],
    "chain": [{"task": "liveupdate.tasks.ring", "args": [2], "options": {}}],
    "chord": {"task": "celery.chord_unlock", "args": [1], "options": {}},
}


def message(arguments: object = (7,), task: object = TASKS["run"], **more: Any) -> dict[str, Any]:
    """What a web process sends, with what an attacker adds."""
    body = b64encode(json.dumps([arguments, {}, more.pop("embed", {})]).encode()).decode()
    headers = {"lang": "py", "task": task, "id": "an-id", **more.pop("headers", {})}
    properties = {"body_encoding": "base64", "delivery_tag": "a-tag", "delivery_info": {"exchange": ""}}
    kinds = {"content-type": "application/json", "content-encoding": "utf-8"}
    return {"body": body, "headers": headers, "properties": properties, **kinds, **more}


FORGED: list[dict[str, Any]] = [
    {"headers": FOR_AN_ATTACKER},
    {"embed": LINKS},
    {"content-type": "application/x-python-serialize", "content-encoding": "binary"},
    {"properties": {"delivery_tag": {}, "reply_to": "x", "body_encoding": "rot13", "priority": -1}},
]
"""What an attacker adds to a doorbell."""

DEEP = b"[" * 4000
NO_DOORBELLS: dict[str, object] = {
    "nothing": b"", "no JSON": b"\x80\x04K\x01.", "no text": b"\xff\xfe\x00", "NaN": b"NaN", "deep": DEEP,
    "a list": [], "a number": 1, "null": None, "an empty object": {}, "yaml": b"!!python/object:os.system",
    "no headers": {"body": "W1tdXQ=="}, "headers of text": {**message(), "headers": "task"},
    "no body": {**message(), "body": None}, "a body of text": {**message(), "body": "not base64!"},
    "a body of pickle": {**message(), "body": b64encode(b"\x80\x04K\x01.").decode()},
    "a compressed body": {**message(), "body": b64encode(gzip.compress(b"[[1],{},{}]")).decode()},
    "a deep body": {**message(), "body": b64encode(DEEP).decode()},
    "a body that is an object": {**message(), "body": b64encode(b"{}").decode()},
    "an unknown task": message(task="os.system"), "a task of Celery": message(task="celery.chord_unlock"),
    "a task of no name": message(task=None), "a task that is a list": message(task=[TASKS["run"]]),
    "no arguments": message([]), "two": message([1, 2]), "none": message(None), "text": message("7"),
    "a list of text": message(["7"]),
    "negative": message([-1]), "zero": message([0]), "half": message([1.5]),
    "huge": message([2**63]), "vast": message([10**3000]), "nested": message([[7]]),
    "an object": message([{}]), "by name": message({"run_id": 7}), "too long": message(padding="x" * LONGEST),
}  # fmt: skip
