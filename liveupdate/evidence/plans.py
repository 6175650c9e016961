"""Compares the plans with what was entered when they were frozen."""

from collections.abc import Iterator, Mapping
from typing import Any

from liveupdate.models import Plan
from liveupdate.records.drifts import basis_digest
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values
from portal.lib.canonical import digest

NO_BASIS = basis_digest({})
"""Plans frozen before there were rules for drift name none."""


class Plans(RowComparison[int]):
    """A plan's text and digest, what it rests on, and its request, against `plan.freeze`."""

    events = frozenset({Event.PLAN_FREEZE})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the plan's id."""
        data = document["d"]
        texts = (data["plan_digest"], data["plan_digest"], data.get("basis_digest", NO_BASIS))
        return data["plan"], (*texts, document["sub"]["request"])

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every plan."""
        for plan in Plan.objects.select_related("request").order_by("pk").iterator(chunk_size=100):
            request = plan.request.number if plan.request else ""
            texts = (digest(plan.document.encode()), plan.digest, basis_digest(plan.basis))
            yield plan.pk, (*texts, request)

    def name(self, key: int) -> str:
        """Plan 12."""
        return f"Plan {key}"
