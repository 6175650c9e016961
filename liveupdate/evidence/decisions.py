"""Compares people's decisions on plans with what was entered when they were taken."""

from collections.abc import Iterator, Mapping
from typing import Any

from liveupdate.models import Approval
from liveupdate.records.grants import DECISION_EVENTS
from portal.audit.verification.comparisons import RowComparison, Values

EVENT_NAMES = {str(decision): event.value for decision, event in DECISION_EVENTS.items()}


class Decisions(RowComparison[int]):
    """A decision, whose it was, on which plan, and why, against the entry of its kind (`approval.…`)."""

    events = frozenset(DECISION_EVENTS.values())

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the decision's id."""
        data = document["d"]
        entered = (document["t"], document["actor"]["id"], document["sub"]["request"])
        return data["approval"], (*entered, data["plan_digest"], data["reason"])

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every decision."""
        rows = Approval.objects.select_related("person", "plan__request").defer("plan__document")
        for row in rows.order_by("pk").iterator():
            event = EVENT_NAMES.get(row.decision)
            request = row.plan.request.number if row.plan.request else ""
            yield row.pk, (event, row.person.public_id, request, row.digest, row.reason)

    def name(self, key: int) -> str:
        """Decision 7."""
        return f"Decision {key}"
