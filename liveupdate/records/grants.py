"""What the ledger says of a request's decisions. A row of the table alone starts nothing."""

from dataclasses import dataclass, field
from typing import Any

from liveupdate.control.drift import Rule
from liveupdate.models import Approval, Request
from portal.audit.events import Event
from portal.audit.said import said_of
from portal.lib.clock import rfc3339

DECISION_EVENTS = {
    Approval.Decision.APPROVE: Event.APPROVAL_GRANT,
    Approval.Decision.REJECT: Event.APPROVAL_DENY,
    Approval.Decision.CHANGE: Event.APPROVAL_CHANGE,
    Approval.Decision.WITHDRAW: Event.APPROVAL_WITHDRAW,
}
ENDS = (Event.PLAN_VOID, Event.APPROVAL_EXPIRE, Event.REQUEST_SUBMIT)
"""Before these, decisions on a request are over, whoever took them."""
OWNERS = (Event.REQUEST_CREATE, Event.REQUEST_EDIT)


@dataclass(slots=True)
class Said:
    """`terms` as it was handed in (None: it was not), by whom it was edited, which decisions were entered."""

    terms: dict[str, Any] | None = None
    editors: set[str] = field(default_factory=set)
    decisions: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By the row's id: whose it is, and what the entry holds."""


def said_by(request: Request) -> Said:
    """What counts of a request's decisions, by the ledger."""
    said, over, drifted = Said(), False, False
    for entry in said_of(request.number, (*DECISION_EVENTS.values(), *ENDS, *OWNERS, Event.DRIFT_FOUND)):
        event, data, actor = entry["t"], entry["d"], entry["actor"]
        drifted = drifted or _wants_decisions_anew(entry, request)
        if event in OWNERS:
            said.editors |= {actor["id"]} if actor["k"] == "user" else set()
        elif event in ENDS:
            if event == Event.REQUEST_SUBMIT and not over:
                said.terms = data
            over = True
        elif not over and not drifted and event != Event.DRIFT_FOUND:
            more = {"person": actor["id"], "event": event, "at": entry["at"]}
            said.decisions[data["approval"]] = data | more
    return said


def window_of(request: Request) -> list[str]:
    """The change window as decisions name it: begin and end."""
    return [rfc3339(request.starts_at), rfc3339(request.ends_at)]


def waits_for_decision(request: Request) -> bool:
    """Whether a drift wants one more decision on the request's plan that nobody has taken, by the ledger."""
    for entry in said_of(request.number, (Event.DRIFT_FOUND, Event.APPROVAL_GRANT)):
        if entry["t"] == Event.APPROVAL_GRANT:
            return False
        if _wants_decisions_anew(entry, request):
            return True
    return False


def _wants_decisions_anew(entry: dict[str, Any], request: Request) -> bool:
    data = entry["d"]
    same_plan = entry["t"] == Event.DRIFT_FOUND and data.get("plan") == request.plan_id
    return bool(same_plan and data.get("outcome") == Rule.REAPPROVE)
