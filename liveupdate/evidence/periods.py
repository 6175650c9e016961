"""Compares windows and freezes, every version of them, with what was entered when they were written."""

from collections.abc import Iterator, Mapping
from typing import Any

from liveupdate.models import StoredPeriod
from liveupdate.records.periods import PERIOD_EVENTS
from portal.audit.verification.comparisons import RowComparison, Values
from portal.lib.canonical import canonical_json, digest


class Periods(RowComparison[str]):
    """What a window or a freeze says, who wrote it and why, against its entry."""

    events = PERIOD_EVENTS

    def said(self, document: Mapping[str, Any]) -> tuple[str, Values]:
        """By the period and its version."""
        data, subject = document["d"], document["sub"]
        values = (document["actor"]["id"], bool(data["removed"]), data["reason"], _mark(data["document"]))
        return f"{subject['period']} version {data['version']}", values

    def rows(self) -> Iterator[tuple[str, Values]]:
        """Every version."""
        rows = StoredPeriod.objects.select_related("team", "lpar__host", "written_by").order_by("pk")
        for row in rows.iterator():
            values = (row.written_by.public_id, row.removed, row.reason, _mark(row.document))
            yield f"{row.uid} version {row.version}", values

    def name(self, key: str) -> str:
        """Period 0f3a… version 2."""
        return f"Period {key}"


def _mark(document: Mapping[str, Any]) -> str:
    return digest(canonical_json(document))
