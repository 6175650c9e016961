"""Compares people's second factors with what was entered when they were set up and removed."""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.access.models import SecondFactor
from portal.access.second_factor.actions import sealed_digest
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values


class SecondFactors(RowComparison[int]):
    """A second factor that was confirmed: whose it is, its sealed secret, and whether it still counts."""

    events = frozenset({Event.MFA_ENROL, Event.MFA_REMOVE})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the row's id."""
        data = document["d"]
        counts = document["t"] == Event.MFA_ENROL
        return data["factor"], (document["sub"]["user"], data["sealed_digest"], counts)

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every second factor that counted at some time."""
        confirmed = SecondFactor.objects.exclude(confirmed_at=None).select_related("user").order_by("pk")
        for row in confirmed.iterator():
            yield row.pk, (row.user.public_id, sealed_digest(row), row.removed_at is None)

    def name(self, key: int) -> str:
        """Second factor 7."""
        return f"Second factor {key}"
