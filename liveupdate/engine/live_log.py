"""What Live Update's own output says of its course, written with the output that says it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from liveupdate.engine.journal import Journal
from liveupdate.lpar.milestones import Meaning, Milestone, Recogniser
from liveupdate.models import Run, RunEvent
from portal.audit.events import Event

LATE = timedelta(seconds=1)
PRINTED_ROUGHLY = timedelta(seconds=2)
"""AIX prints whole seconds: a smaller difference comes of that."""


@dataclass(frozen=True, slots=True)
class Heard:
    """When a piece of output was read, and when the host had answered before; `gap`: nobody asked since."""

    at: datetime
    before: datetime
    gap: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    milestone: Milestone
    heard: Heard


class LiveLog:
    """Recognises milestones in a stream and keeps the run's times by them.

    Times are when the portal read the sentence. A blackout whose beginning was read late (the host
    stood still before it could answer, nobody asked, or it came together with the end) is counted from
    the host's answer before: never shorter than it was. Where AIX printed both times (7.3) and they tell
    another length, its own clock is right.
    """

    def __init__(self) -> None:
        self._recogniser = Recogniser()
        self._blackout: Milestone | None = None
        self._new: list[_Seen] = []
        self.past_no_return = False
        self.moved = False

    def recall(self, content: bytes) -> None:
        """Take up stored output, whose milestones were written with it."""
        for milestone in self._recogniser.feed(content):
            self._notice(milestone)

    def feed(self, content: bytes, heard: Heard) -> None:
        """Take up new output."""
        for milestone in self._recogniser.feed(content):
            self._notice(milestone)
            self._new.append(_Seen(milestone, heard))

    def _notice(self, milestone: Milestone) -> None:
        self.past_no_return |= milestone.meaning is Meaning.POINT_OF_NO_RETURN
        self.moved |= milestone.meaning is Meaning.BLACKOUT_ENDED
        if milestone.meaning is Meaning.BLACKOUT_STARTED:
            self._blackout = self._blackout or milestone

    @property
    def waiting(self) -> int:
        """How many milestones wait to be written."""
        return len(self._new)

    def write(self, journal: Journal, count: int) -> None:
        """Write the first `count` waiting milestones in the caller's transaction."""
        for seen in self._new[:count]:
            journal.say(
                RunEvent.Kind.MILESTONE, {**seen.milestone.as_dict(), "at": seen.heard.at.isoformat()}
            )
            journal.enter(Event.RUN_MILESTONE, seen.milestone.as_dict())
            _keep_times(journal.run_id, seen, self._blackout)

    def written(self, count: int) -> None:
        """The transaction that wrote `count` milestones has been committed."""
        del self._new[:count]


def _keep_times(run_id: int, seen: _Seen, blackout: Milestone | None) -> None:
    run, heard = Run.objects.filter(pk=run_id), seen.heard
    match seen.milestone.meaning:
        case Meaning.POINT_OF_NO_RETURN:
            run.filter(point_of_no_return_at=None).update(point_of_no_return_at=heard.at)
        case Meaning.BLACKOUT_STARTED:
            late = heard.gap or heard.at - heard.before > LATE
            started_at = heard.before if late else heard.at
            run.filter(blackout_started_at=None).update(blackout_started_at=started_at)
        case Meaning.BLACKOUT_ENDED:
            started_at = run.values_list("blackout_started_at", flat=True).get() or heard.before
            if started_at == heard.at:
                started_at = heard.before
            length = _length(heard.at - started_at, blackout, seen.milestone)
            run.update(
                blackout_started_at=started_at,
                blackout_ended_at=heard.at,
                blackout_ms=int(length.total_seconds() * 1000),
            )


def _length(heard: timedelta, started: Milestone | None, ended: Milestone) -> timedelta:
    """How long the workload stood still: as it was read, unless the printed seconds tell otherwise."""
    begin, end = started.local_at if started else None, ended.local_at
    if begin is None or end is None or end < begin:
        return heard
    printed = end - begin
    return heard if abs(printed - heard) <= PRINTED_ROUGHLY else printed
