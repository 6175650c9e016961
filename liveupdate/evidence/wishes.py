"""Compares what people ask for with what was entered when they asked or edited it."""

from collections.abc import Iterator, Mapping
from typing import Any

from liveupdate.actions.requests import ASKING, asked_in
from liveupdate.models import Request
from portal.audit.verification.comparisons import RowComparison, Values


class Wishes(RowComparison[str]):
    """What is to be done for which team in which change window, against `request.create` or `.edit`."""

    events = ASKING

    def said(self, document: Mapping[str, Any]) -> tuple[str, Values]:
        """By the request's number."""
        data, subject = document["d"], document["sub"]
        return subject["request"], (subject["team"], *(data[name] for name in ASKED))

    def rows(self) -> Iterator[tuple[str, Values]]:
        """Every request."""
        rows = Request.objects.select_related("team").defer("findings").order_by("pk")
        for row in rows.iterator():
            yield row.number, (row.team.slug, *asked_in(row).values())

    def name(self, key: str) -> str:
        """Request R-000104."""
        return f"Request {key}"


ASKED = (
    *("procedure", "media", "target_level", "choices", "consents"),
    *("reason", "impact", "fallback", "starts_at", "ends_at"),
)
