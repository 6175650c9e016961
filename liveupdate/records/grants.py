"""The approvals that stand in the ledger. A row of the table alone starts nothing."""

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
ENDS = (Event.PLAN_VOID, Event.APPROVAL_EXPIRE)
"""With these, earlier approvals of a request are over, whoever gave them."""


def granted(request: Request) -> dict[str, int]:
    """Who approved the request's plan and window and did not take it back: the row's id by pseudonym."""
    newest: dict[str, int | None] = {}
    for entry in said_of(request.number, (*DECISION_EVENTS.values(), *ENDS)):
        if entry["t"] in ENDS:
            break
        data, actor = entry["d"], entry["actor"]
        if request.plan is not None and data["plan_digest"] == request.plan.digest:
            is_grant = entry["t"] == Event.APPROVAL_GRANT and data["window"] == window_of(request)
            newest.setdefault(actor["id"], data["approval"] if is_grant else None)
    return {person: approval for person, approval in newest.items() if approval is not None}


def window_of(request: Request) -> list[str]:
    """The change window as decisions name it: begin and end."""
    return [rfc3339(request.starts_at), rfc3339(request.ends_at)]


def waits_for_decision(request: Request) -> bool:
    """Whether a drift wants one more decision on the request's plan that nobody has taken, by the ledger."""
    for entry in said_of(request.number, (Event.DRIFT_FOUND, Event.APPROVAL_GRANT)):
        if entry["t"] == Event.APPROVAL_GRANT:
            return False
        data = entry["d"]
        if data.get("plan") == request.plan_id and data.get("outcome") == Rule.REAPPROVE:
            return True
    return False
