"""What the page of a run is told: every output byte as text, and events, in the order they came."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from liveupdate.milestones import Meaning
from liveupdate.models import OutputChunk, Run, RunEvent
from liveupdate.states import RUN_TERMINAL
from portal.lib.clock import now
from portal.web.streams import END, Cursor, StreamEvent

SETTLING = timedelta(milliseconds=300)
"""Events are written by several processes; a younger one may still be overtaken by one before it."""

TONES = {
    Meaning.POINT_OF_NO_RETURN: "bad",
    Meaning.BLACKOUT_STARTED: "bad",
    Meaning.BLACKOUT_ENDED: "ok",
    Meaning.SUCCEEDED: "ok",
    Meaning.PREVIEW_SUCCEEDED: "ok",
    Meaning.FAILED: "bad",
    Meaning.PREVIEW_FAILED: "bad",
}


@dataclass(frozen=True, slots=True)
class RunFeed:
    """The stream of one run; its cursor is the last output chunk and the last event."""

    run_id: int

    @property
    def name(self) -> str:
        """Names the run among the process's streams."""
        return f"run:{self.run_id}"

    def fetch(self, after: Cursor, limit: int) -> list[StreamEvent]:
        """The next pieces after the cursor, at most `limit`; the last one says that the run is over."""
        chunk_id, event_id = after if len(after) == 2 else (0, 0)
        over = Run.objects.filter(pk=self.run_id, state__in=RUN_TERMINAL).exists()
        chunks = list(self._chunks(chunk_id, limit))
        events = list(self._events(event_id, limit, over))
        merged = sorted([*chunks, *events], key=lambda piece: piece.at)[:limit]
        sent = []
        for piece in merged:
            chunk_id = piece.pk if piece.is_chunk else chunk_id
            event_id = event_id if piece.is_chunk else piece.pk
            sent.append(StreamEvent((chunk_id, event_id), piece.event, json.dumps(piece.data)))
        if over and not sent:
            sent.append(StreamEvent((chunk_id, event_id), END, ""))
        return sent

    def _chunks(self, after: int, limit: int) -> Iterator["_Piece"]:
        rows = OutputChunk.objects.filter(run=self.run_id, pk__gt=after, command__watch=False)
        names = ("pk", "command__number", "stream", "content", "received_at")
        for pk, number, stream, content, at in rows.order_by("pk").values_list(*names)[:limit]:
            text = bytes(content).decode("utf-8", "replace")
            data = {"command": number, "stream": stream, "at": _clock(at), "text": text}
            yield _Piece(at, True, pk, "output", data)

    def _events(self, after: int, limit: int, over: bool) -> Iterator["_Piece"]:
        rows = RunEvent.objects.filter(run=self.run_id, pk__gt=after)
        if not over:
            rows = rows.filter(at__lt=now() - SETTLING)
        for row in rows.order_by("pk")[:limit]:
            name, data = _told(row)
            yield _Piece(row.at, False, row.pk, name, {**data, "at": _clock(row.at)})


@dataclass(frozen=True, slots=True)
class _Piece:
    at: datetime
    is_chunk: bool
    pk: int
    event: str
    data: dict[str, Any]


def _told(row: RunEvent) -> tuple[str, dict[str, Any]]:
    """How an event is called on the stream, and what it says."""
    data = row.data
    match row.kind:
        case RunEvent.Kind.COMMAND if not data.get("watch"):
            return "command", data
        case RunEvent.Kind.MILESTONE:
            tone = TONES.get(Meaning(data["meaning"]))
            return ("mark", {"tone": tone, "text": data["text"]}) if tone else ("changed", {})
        case RunEvent.Kind.NOTE:
            return "mark", {"tone": "warn", "text": data["text"]}
        case RunEvent.Kind.STATE if data.get("reason"):
            return "mark", {"tone": "unknown", "text": data["reason"]}
        case _:
            return "changed", {}


def _clock(at: datetime) -> str:
    return timezone.localtime(at).strftime("%H:%M:%S")
