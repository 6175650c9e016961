"""Compares runs with what was entered at their beginning and at their end."""

from collections.abc import Iterator, Mapping
from typing import Any

from liveupdate.models import Run
from liveupdate.states import RUN_TERMINAL
from liveupdate.transitions import result_of
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values


class RunStarts(RowComparison[int]):
    """The request and the plan that a run is of, against `run.queue`."""

    events = frozenset({Event.RUN_QUEUE})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the run's id."""
        subject = document["sub"]
        return subject["run"], (subject["request"], subject["plan"], document["d"]["uid"])

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every run."""
        rows = Run.objects.select_related("request", "plan").defer("plan__document").order_by("pk")
        for run in rows.iterator():
            yield run.pk, (run.request.number, run.plan.digest, run.uid)

    def name(self, key: int) -> str:
        """Run 7."""
        return f"Run {key}"


class RunEnds(RowComparison[int]):
    """How a run ended, its levels and its blackout, against `run.end`."""

    events = frozenset({Event.RUN_END})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the run's id."""
        data = document["d"]
        names = ("state", "outcome", "level_before", "level_after", "blackout_ms")
        return document["sub"]["run"], tuple(data[name] for name in names)

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every run that is over."""
        for run in Run.objects.filter(state__in=RUN_TERMINAL).order_by("pk").iterator():
            yield run.pk, tuple(result_of(run).values())

    def name(self, key: int) -> str:
        """The end of run 7."""
        return f"The end of run {key}"
