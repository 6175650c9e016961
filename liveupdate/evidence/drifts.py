"""Compares what differed at starts with what was entered when it was found."""

from collections.abc import Iterator, Mapping
from typing import Any

from liveupdate.models import FoundDrift
from liveupdate.records.drifts import basis_digest
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values
from portal.lib.canonical import canonical_json


class Drifts(RowComparison[int]):
    """What a look at a start found to be another, and what came of it, against `drift.found`."""

    events = frozenset({Event.DRIFT_FOUND})

    def see(self, seq: int | None, document: Mapping[str, Any]) -> None:
        """Entries made before there were rules for drift have no row."""
        if "drift" in document["d"]:
            super().see(seq, document)

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the row's id."""
        data = document["d"]
        values = (
            document["sub"]["request"],
            data["plan"],
            data["outcome"],
            data["why"],
            _exact(data["found"]),
        )
        return data["drift"], (*values, data["basis_digest"])

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every look that found a difference."""
        for row in FoundDrift.objects.select_related("request").order_by("pk").iterator():
            what = (row.outcome, row.why, _exact(row.found), basis_digest(row.basis))
            yield row.pk, (row.request.number, row.plan_id, *what)

    def name(self, key: int) -> str:
        """Drift 7."""
        return f"Drift {key}"


def _exact(found: list[dict[str, str]]) -> bytes:
    return canonical_json(found)
