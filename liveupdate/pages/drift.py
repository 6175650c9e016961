"""A drift as the request's page shows it: approved against X, now Y."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from liveupdate.control.drift import Rule
from liveupdate.models import FoundDrift, Request
from liveupdate.records.drifts import site_rules
from liveupdate.states import RequestState

CONSEQUENCE = {
    Rule.VOID: "The approval was void, and the request was planned again.",
    Rule.REAPPROVE: "The plan is the same. It starts after one more decision, taken in knowledge of this.",
    Rule.WARN: "By the rules this keeps no run from its start. It stands in the ledger.",
}
WORDS = {
    Rule.VOID: "voids the approval:",
    Rule.REAPPROVE: "wants one more decision:",
    Rule.WARN: "is recorded:",
}


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One field with both values, what its rule does, and why the rule is so."""

    title: str
    then: str
    now: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class DriftShown:
    """The newest drift of a request; `why` says in words what no row shows."""

    outcome: str
    consequence: str
    why: str
    at: datetime
    rows: tuple[DriftRow, ...]


def drift_of(request: Request) -> DriftShown | None:
    """The drift that a reader of the request should know: of its plan, or the one that voided the last."""
    newest = request.drifts.last()
    if newest is None or request.state == RequestState.WITHDRAWN:
        return None
    if newest.plan_id != request.plan_id and newest.outcome != Rule.VOID:
        return None
    rule = Rule(newest.outcome)
    return DriftShown(newest.outcome, CONSEQUENCE[rule], newest.why, newest.found_at, tuple(_rows(newest)))


def _rows(newest: FoundDrift) -> Iterator[DriftRow]:
    fields = site_rules().fields
    for said in newest.found:
        field, rule = fields.get(said["field"]), Rule(said["rule"])
        title, why = (field.title, field.why) if field else (said["field"], "")
        yield DriftRow(title, said["then"], said["now"], WORDS[rule], why)
