"""A reason is the same after it was stored."""

from datetime import UTC, datetime

from liveupdate.control.reasons import Reason, reason_in
from portal.lib.errors import Conflict


def test_a_reason_is_read_as_it_was_stored() -> None:
    until = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)
    whole = Reason("freeze", "Nothing may start.", "Wait for its end.", until, "/freezes/3/")
    assert reason_in(whole.as_dict()) == whole
    bare = Reason("no_room", "p9 has no room.")
    assert bare.as_dict() == {"code": "no_room", "message": "p9 has no room."}
    assert reason_in(bare.as_dict()) == bare


def test_a_refusal_of_an_action_is_a_reason() -> None:
    refused = Conflict("The window is not open.", remedy="It opens at 22:00 UTC.", code="window_closed")
    assert str(Reason.of(refused)) == "The window is not open. It opens at 22:00 UTC."
    assert Reason.of(refused).code == "window_closed"
