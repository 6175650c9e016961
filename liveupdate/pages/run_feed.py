"""What the page of a run is told: every output byte as text, and events, in the order they came."""

import heapq
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from liveupdate.lpar.milestones import Meaning
from liveupdate.models import OutputChunk, Run, RunCommand, RunEvent
from liveupdate.pages.output_text import TextOfChunks
from liveupdate.states import RUN_TERMINAL, RunState
from portal.access.auditing.people import named
from portal.web.badges import face
from portal.web.streams import END, Cursor, StreamEvent

MARKS = {
    Meaning.PREVIEW_SUCCEEDED: ("ok", "The preview found nothing in the way."),
    Meaning.PREVIEW_FAILED: ("bad", "The preview found something in the way."),
    Meaning.POINT_OF_NO_RETURN: ("bad", "Point of no return: from here on nobody may stop the update."),
    Meaning.BLACKOUT_STARTED: ("bad", "Blackout: the workload stands still."),
    Meaning.BLACKOUT_ENDED: ("ok", "Blackout over: the workload runs again."),
    Meaning.SUCCEEDED: ("ok", "Live Update says that it succeeded."),
    Meaning.FAILED: ("bad", "Live Update says that it failed."),
}
"""Tone and words of the milestones that the log points out; the sentence itself stands in the output."""

ENDINGS = {RunState.SUCCEEDED: "ok", RunState.SUCCEEDED_WITH_RESIDUE: "warn"}


def feed_name(run_id: int) -> str:
    """What a run's feed is called, for the bell that wakes its pages."""
    return f"run:{run_id}"


@dataclass(frozen=True, slots=True)
class RunFeed:
    """The stream of one run; its cursor is the last output chunk and the last event.

    Whoever writes chunks or events of a run holds its row's lock, so ids become visible in their order.
    """

    run_id: int

    @property
    def name(self) -> str:
        """Names the run among the process's streams."""
        return feed_name(self.run_id)

    def fetch(self, after: Cursor, limit: int) -> list[StreamEvent]:
        """The next pieces after the cursor, at most `limit`; the last one says that the run is over."""
        chunk_id, event_id = after if len(after) == 2 else (0, 0)
        over = Run.objects.filter(pk=self.run_id, state__in=RUN_TERMINAL).exists()
        sent = []
        for piece in self._pieces(chunk_id, event_id, limit):
            chunk_id = piece.pk if piece.is_chunk else chunk_id
            event_id = event_id if piece.is_chunk else piece.pk
            sent.append(StreamEvent((chunk_id, event_id), piece.event, json.dumps(piece.data)))
        if over and not sent:
            sent.append(StreamEvent((chunk_id, event_id), END, ""))
        return sent

    def _pieces(self, chunk_id: int, event_id: int, limit: int) -> list["_Piece"]:
        """Chunks and events as they stood at one moment: read until no event came in between."""
        events = self._events(event_id, limit)
        while True:
            chunks = self._chunks(chunk_id, limit)
            again = self._events(event_id, limit)
            if len(again) == len(events):
                break
            events = again
        return list(heapq.merge(chunks, events, key=lambda piece: piece.at))[:limit]

    def _chunks(self, after: int, limit: int) -> list["_Piece"]:
        rows = OutputChunk.objects.filter(
            run=self.run_id, pk__gt=after, command__watch=False, command__file_name=""
        )
        text = TextOfChunks()
        return [
            _Piece(
                chunk.received_at,
                True,
                chunk.pk,
                "output",
                {
                    "command": chunk.command.number,
                    "stream": chunk.stream,
                    "at": _clock(chunk.received_at),
                    "text": text.of(chunk),
                },
            )
            for chunk in rows.select_related("command").order_by("pk")[:limit]
        ]

    def _events(self, after: int, limit: int) -> list["_Piece"]:
        rows = RunEvent.objects.filter(run=self.run_id, pk__gt=after)
        pieces = []
        for row in rows.order_by("pk")[:limit]:
            name, data = _told(row)
            pieces.append(_Piece(row.at, False, row.pk, name, {**data, "at": _clock(row.at)}))
        return pieces


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
            return _command(data)
        case RunEvent.Kind.MILESTONE:
            tone, text = MARKS.get(Meaning(data["meaning"]), ("", ""))
            return ("mark", {"tone": tone, "text": text}) if text else ("changed", {})
        case RunEvent.Kind.NOTE:
            return "mark", {"tone": "warn", "text": data["text"]}
        case RunEvent.Kind.STATE if data.get("reason"):
            return "mark", {"tone": "unknown", "text": data["reason"]}
        case RunEvent.Kind.STATE if data["state"] in RUN_TERMINAL:
            word = face(data["state"]).word
            text = f"{word}: {named(data['outcome'])}" if data.get("outcome") else f"{word}."
            return "mark", {"tone": ENDINGS.get(data["state"], "bad"), "text": text}
        case _:
            return "changed", {}


def _command(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A command is shown from its intent on, since its output may come with its confirmation."""
    match data["state"]:
        case RunCommand.State.INTENDED:
            return "command", {**data, "state": "started"}
        case RunCommand.State.STARTED:
            return "changed", {}
        case _:
            return "command", data


def _clock(at: datetime) -> str:
    return timezone.localtime(at).strftime("%H:%M:%S")
