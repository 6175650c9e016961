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
        return data["approval"], (*entered, data["plan_digest"], data["reason"], *_how(data))

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every decision."""
        related = ("person", "on_behalf_of", "plan__request")
        rows = Approval.objects.select_related(*related).defer("plan__document").order_by("pk")
        for row in rows.iterator():
            event = EVENT_NAMES.get(row.decision)
            request = row.plan.request.number if row.plan.request else ""
            how = (row.stage, row.on_behalf_of.public_id if row.on_behalf_of else "", row.factor)
            yield row.pk, (event, row.person.public_id, request, row.digest, row.reason, *how)

    def name(self, key: int) -> str:
        """Decision 7."""
        return f"Decision {key}"


def _how(data: Mapping[str, Any]) -> Values:
    """On which stage, for whom and with which proof; entries of before policies name none."""
    return data.get("stage", 0), data.get("for", ""), data.get("factor", "none")
