"""How entries came out, and what they are about first of all."""

import pytest

from portal.audit.events import Event
from portal.audit.objects import object_of
from portal.audit.outcomes import outcome_of


@pytest.mark.parametrize(
    ("event", "data", "outcome"),
    [
        (Event.CMD_END, {"status": 0}, "done"),
        (Event.CMD_END, {"status": 1}, "failed"),
        (Event.CMD_END, {"status": None}, "failed"),
        (Event.CMD_UNKNOWN, {}, "unknown"),
        (Event.CMD_OUT, {"bytes": 3}, "done"),
        (Event.CMD_OUT, {"bytes": 0, "gap": {"from": 0, "to": 3}}, "failed"),
        (Event.RUN_END, {"state": "succeeded_with_residue"}, "done"),
        (Event.RUN_END, {"state": "aborted"}, "failed"),
        (Event.RUN_END, {"state": "refused"}, "refused"),
        (Event.STEP_END, {"state": "unknown"}, "unknown"),
        (Event.LEDGER_VERIFY, {"ok": False}, "failed"),
        (Event.AUTH_FAIL, {}, "refused"),
        (Event.APPROVAL_REFUSED, {}, "refused"),
        (Event.APPROVAL_DENY, {}, "done"),
        (Event.REQUEST_CREATE, {}, "done"),
    ],
)
def test_an_entry_says_how_it_came_out(event: Event, data: dict[str, object], outcome: str) -> None:
    assert outcome_of(event, data) == outcome


def test_an_entry_is_about_the_thing_that_tells_most() -> None:
    assert object_of({"request": "R-1", "team": "pay", "lpar": "pay01"}) == "lpar:pay01"
    assert object_of({"campaign": "C-1", "team": "pay"}) == "campaign:C-1"
    assert object_of({"run": 4, "step": "update"}) == ""
    assert object_of({"file": "x" * 300}) == "file:" + "x" * 195
