"""Everything that people said and decided about a request, in order."""

from dataclasses import dataclass
from datetime import datetime

from liveupdate.models import Approval, Request

DECIDED = {
    Approval.Decision.APPROVE: ("approved", ""),
    Approval.Decision.REJECT: ("rejected", ""),
    Approval.Decision.CHANGE: ("change_asked", ""),
    Approval.Decision.WITHDRAW: ("withdrawn", "Taken back"),
}
"""The badge of a decision: its state, and its word where the state's own does not fit."""


@dataclass(frozen=True, slots=True)
class Said:
    """One contribution. `badge` and `word` are a decision's; `void` tells that it was on another plan."""

    at: datetime
    person: str
    text: str
    badge: str = ""
    word: str = ""
    void: bool = False


def conversation_on(request: Request) -> list[Said]:
    """Comments and decisions, also those on earlier plans, the oldest first."""
    comments = [
        Said(row.said_at, str(row.person), row.text) for row in request.comments.select_related("person")
    ]
    rows = Approval.objects.filter(plan__request=request).select_related("person")
    decisions = [decided(row, void=row.plan_id != request.plan_id) for row in rows]
    return sorted([*comments, *decisions], key=lambda said: said.at)


def decided(row: Approval, *, void: bool = False) -> Said:
    """A decision as it is shown."""
    badge, word = DECIDED[Approval.Decision(row.decision)]
    return Said(row.decided_at, str(row.person), row.reason, badge, word, void)
