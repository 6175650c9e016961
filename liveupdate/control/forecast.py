"""When the LPARs of a campaign will be updated, by what runs take and the calendar allows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from liveupdate.control.calendar import Calendar, in_words, next_slot
from liveupdate.control.fitting import Asked, slot_within, why_no_slot
from liveupdate.control.reasons import Reason
from liveupdate.control.spans import Span


@dataclass(frozen=True, slots=True)
class Member:
    """One LPAR of a campaign in its wave. `is_over`: nothing more comes of it."""

    name: str
    wave: int
    asked: Asked
    started_at: datetime | None = None
    ended_at: datetime | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Forecast:
    """When each LPAR was or is expected to be under way, and why one will find no time, by name."""

    spans: Mapping[str, Span]
    no_slot: Mapping[str, Reason]


@dataclass(slots=True)
class _Times:
    """Slots by what they depend on: many LPARs share the same part of the calendar."""

    calendar: Calendar
    known: dict[object, Span | Reason] = field(default_factory=dict)

    def of(self, asked: Asked, at: datetime) -> Span | Reason:
        own = self.calendar.about(asked.place)
        key = (own, asked.window, asked.expected, at)
        if key not in self.known:
            self.known[key] = slot_within(own, asked, at) or _why_not(own, asked, at)
        return self.known[key]


def forecast(calendar: Calendar, members: Iterable[Member], soak: timedelta, at: datetime) -> Forecast:
    """Each wave begins `soak` after the last end of the one before; each LPAR in its next slot from then on.

    Nothing to come begins before `at`. One that finds no slot holds no later wave up.
    """
    spans: dict[str, Span] = {}
    no_slot: dict[str, Reason] = {}
    times, due = _Times(calendar), at
    for wave in _by_wave(members):
        ends = []
        for each in wave:
            if each.started_at is not None:
                until = each.ended_at or max(at, each.started_at + each.asked.expected.run)
                spans[each.name] = each.started_at, until
            elif each.is_over:
                continue
            elif isinstance(found := times.of(each.asked, due), Reason):
                no_slot[each.name] = found
                continue
            else:
                spans[each.name] = found[0], found[0] + each.asked.expected.run
            ends.append(spans[each.name][1])
        if ends:
            due = max(due, max(ends) + soak)
    return Forecast(spans, no_slot)


def _by_wave(members: Iterable[Member]) -> Iterable[list[Member]]:
    waves: dict[int, list[Member]] = {}
    for each in members:
        waves.setdefault(each.wave, []).append(each)
    return [waves[number] for number in sorted(waves)]


def _why_not(own: Calendar, asked: Asked, at: datetime) -> Reason:
    """Why a run that is due at a time finds none in its own change window, with its next slot."""
    end = asked.window[1]
    if at < end and (reason := why_no_slot(own, asked, at)):
        return reason
    said = (
        f"Its wave is due {in_words(at, own.zone)}, after its change window ends {in_words(end, own.zone)}."
    )
    found = next_slot(own, asked.place, at, asked.expected.needs)
    if found is None:
        return Reason("too_late", said, "The calendar has no slot within 400 days.")
    return Reason("too_late", said, f"The next slot of the LPAR is {in_words(found[0], own.zone)}.")
