"""How what an entry tells of came out (PCI DSS 10.2.2 asks every entry for it)."""

from collections.abc import Mapping
from typing import Any

from portal.audit.events import Event

DONE, FAILED, REFUSED, UNKNOWN = "done", "failed", "refused", "unknown"
OUTCOMES = (DONE, FAILED, REFUSED, UNKNOWN)

ALWAYS = {
    Event.AUTH_FAIL: REFUSED,
    Event.AUTH_LOCKOUT: REFUSED,
    Event.ACCESS_DENIED: REFUSED,
    Event.MFA_FAIL: REFUSED,
    Event.APPROVAL_REFUSED: REFUSED,
    Event.HOSTKEY_REJECT: REFUSED,
    Event.CMD_UNKNOWN: UNKNOWN,
    Event.RUN_STUCK: UNKNOWN,
    Event.RUN_ALARM: FAILED,
    Event.LEDGER_ALARM: FAILED,
    Event.QUORUM_LOST: REFUSED,
}
BY_STATE = {
    "succeeded": DONE,
    "succeeded_with_residue": DONE,
    "skipped": DONE,
    "refused": REFUSED,
    "unknown": UNKNOWN,
}
"""How a step or run came out, by the state that it ended in; FAILED by any other."""


def outcome_of(event: Event, data: Mapping[str, Any]) -> str:
    """`done`, `failed`, `refused` or `unknown`; the beginning of something is done when it began."""
    if event in ALWAYS:
        return ALWAYS[event]
    if event is Event.CMD_END:
        return DONE if data.get("status") == 0 else FAILED
    if event is Event.CMD_OUT:
        return FAILED if "gap" in data else DONE
    if event in (Event.RUN_END, Event.STEP_END):
        return BY_STATE.get(str(data.get("state")), FAILED)
    if event is Event.LEDGER_VERIFY:
        return DONE if data.get("ok") else FAILED
    return DONE
