"""Of what somebody may put into Redis only doorbells reach Celery, and of those only name and number."""

import json
from base64 import b64decode
from typing import Any

import pytest

from liveupdate.dispatch import TASKS
from liveupdate.doorbell import only_doorbells
from tests.forged_messages import FORGED, NO_DOORBELLS, message

pytestmark = [pytest.mark.threat("T23", "T24"), pytest.mark.asvs("1.5.2")]


def taken(what: object) -> dict[str, Any] | None:
    """What Celery gets."""
    item = what if isinstance(what, bytes) else json.dumps(what).encode()
    answer = only_doorbells((b"celery", item))
    return json.loads(answer[1]) if answer else None


@pytest.mark.parametrize("forged", FORGED)
def test_of_a_doorbell_only_its_name_and_its_number_are_taken(forged: dict[str, Any]) -> None:
    found = taken(message(**forged))
    assert found
    assert json.loads(b64decode(found["body"])) == [[7], {}, {}]
    assert found["headers"] == {"lang": "py", "task": TASKS["run"], "id": found["properties"]["delivery_tag"]}
    assert found["content-type"] == "application/json"
    assert set(found["properties"]) == {"body_encoding", "delivery_tag", "delivery_info"}


@pytest.mark.parametrize("name", NO_DOORBELLS)
def test_what_is_no_doorbell_is_dropped_and_logged(name: str, caplog: pytest.LogCaptureFixture) -> None:
    assert taken(NO_DOORBELLS[name]) is None
    [line] = caplog.messages
    assert "is no doorbell, it is dropped" in line


def test_nothing_taken_is_nothing_dropped(caplog: pytest.LogCaptureFixture) -> None:
    assert only_doorbells(None) is None
    assert caplog.messages == []
