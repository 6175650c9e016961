"""Whether a request's run fits: into its own change window, the calendar's windows, and before a freeze."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from liveupdate.control.calendar import (
    Calendar,
    Kind,
    Place,
    effective,
    frozen_by,
    in_words,
    next_slot,
)
from liveupdate.control.durations import Expected
from liveupdate.control.reasons import Reason
from liveupdate.control.spans import Span


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the calendar sees it: its LPAR, its own change window, how long its run takes."""

    place: Place
    window: Span
    expected: Expected


def why_not_now(
    calendar: Calendar, asked: Asked, at: datetime, margin: timedelta = timedelta()
) -> Reason | None:
    """Why a run may not begin at this moment, or None; `until` is when the next slot of the request opens.

    `margin` is added to what the run takes.
    """
    own = calendar.about(asked.place)
    begin, end = asked.window
    if not begin <= at < end:
        return Reason("window_closed", "Its change window is not open.", until=begin if at < begin else None)
    now = effective(own, asked.place, at)
    needs = asked.expected.needs + margin
    if not now.allowed:
        return _with_next(
            own, asked, at, " ".join(str(reason) for reason in now.reasons), now.reasons[0].code
        )
    until = min(end, now.until or end)
    if until - at >= needs:
        return None
    said = (
        f"{_needs(asked, needs)}, and {lasting(until - at)} are left before {_what_ends(own, asked, until)}."
    )
    return _with_next(own, asked, at, said, "does_not_fit")


def slot_within(calendar: Calendar, asked: Asked, after: datetime) -> Span | None:
    """The first span of the request's own change window, from `after` on, that its run fits into."""
    begin, end = max(asked.window[0], after), asked.window[1]
    if begin >= end:
        return None
    free = calendar.about(asked.place).free(begin, end)
    return next((span for span in free if span[1] - span[0] >= asked.expected.needs), None)


def why_no_slot(calendar: Calendar, asked: Asked, after: datetime) -> Reason | None:
    """Why the request can start at no moment of its own change window from `after` on, or None."""
    if slot_within(calendar, asked, after) is not None:
        return None
    own = calendar.about(asked.place)
    begin, end = max(asked.window[0], after), asked.window[1]
    if begin >= end:
        return Reason("window_closed", "Its change window is over.", "Choose another one.")
    free, freezes = own.free(begin, end), own.occurrences(Kind.FREEZE, begin, end)
    if free:
        longest = max(last - first for first, last in free)
        said = f"{_needs(asked, asked.expected.needs)}, and no more than {lasting(longest)} of it are free."
        return _with_next(own, asked, end, said, "does_not_fit")
    if freezes:
        return _with_next(
            own, asked, end, " ".join(frozen_by(each).message for each in freezes[:3]), "frozen"
        )
    names = ", ".join(sorted({f"“{period.name}”" for period in own.of(Kind.WINDOW)}))
    return _with_next(
        own, asked, end, f"None of the LPAR's change windows is open then: {names}.", "no_window"
    )


def lasting(length: timedelta) -> str:
    """A length in hours and minutes: `1 h 10 min`, `40 min`."""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    return " ".join(([f"{hours} h"] if hours else []) + ([f"{minutes} min"] if minutes or not hours else []))


def _needs(asked: Asked, needs: timedelta) -> str:
    cleanup = asked.expected.cleanup
    with_cleanup = f" with {lasting(cleanup)} to clean up should it fail" if cleanup else ""
    return f"It needs {lasting(needs)}{with_cleanup} ({asked.expected.basis})"


def _what_ends(own: Calendar, asked: Asked, until: datetime) -> str:
    if until == asked.window[1]:
        return "its change window ends"
    freezes = own.occurrences(Kind.FREEZE, until, until + timedelta(microseconds=1))
    if freezes:
        return f"the freeze “{freezes[0].period.name}” begins"
    windows = own.occurrences(Kind.WINDOW, until - timedelta(microseconds=1), until)
    return f"the change window “{windows[0].period.name}” ends" if windows else "the time ends"


def _with_next(own: Calendar, asked: Asked, after: datetime, said: str, code: str) -> Reason:
    """The reason with what comes next: a slot of its own window, or the calendar's when that has none."""
    if within := slot_within(own, asked, after):
        return Reason(code, said, f"Next slot: {in_words(within[0], own.zone)}.", within[0])
    found = next_slot(own, asked.place, max(after, asked.window[0]), asked.expected.needs)
    if found is None:
        return Reason(code, said, "The calendar has no slot within 400 days.")
    return Reason(
        code,
        said,
        f"Its own change window has no slot; the next of the LPAR is {in_words(found[0], own.zone)}.",
    )
