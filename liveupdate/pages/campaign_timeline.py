"""The picture of a campaign in time: by managed system, what each surrogate takes below the capacity line."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.timezone import get_current_timezone_name, localtime

WIDTH, LEFT, TOP, LANE, GAP = 960, 140, 30, 64, 34
"""Units of the drawing: width, the names' column, the axis, the height of a full capacity, between lanes."""
LEAST_HEIGHT, LEAST_WIDTH = 8.0, 6.0
MOST_TICKS = 7
STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 180, 360, 720))
"""Distances of two times on the axis, the closest first; beyond them it is whole days."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """One update in time: of a run, or as it is expected (`planned`); `tone` is a badge's."""

    name: str
    system: str
    wave: int
    start: datetime
    end: datetime
    memory_mb: int
    tone: str
    planned: bool
    link: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A span as it is drawn."""

    span: Span
    x: float
    y: float
    width: float
    height: float
    title: str

    @property
    def label_x(self) -> float:
        """Where its name begins."""
        return self.x + 4

    @property
    def label_y(self) -> float:
        """The base line of its name."""
        return round(self.y + self.height / 2 + 4, 1)


@dataclass(frozen=True, slots=True)
class Lane:
    """A managed system: `y` is its capacity line, `bottom` where nothing is taken."""

    system: str
    capacity: str
    y: float
    bottom: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A time on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole drawing; `now_x` is None where now lies outside of it."""

    width: int
    height: float
    left: int
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    zone: str
    now_x: float | None


def timeline_of(spans: Sequence[Span], rooms: Mapping[str, int], now: datetime) -> Timeline | None:
    """Where everything is drawn; None without anything. `rooms` is the memory for surrogates in MB."""
    if not spans:
        return None
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    seconds = max((last - first).total_seconds(), 60.0)

    def x_of(at: datetime) -> float:
        return round(LEFT + (WIDTH - LEFT) * (at - first).total_seconds() / seconds, 1)

    lanes = []
    for number, system in enumerate(sorted({span.system for span in spans})):
        y = TOP + number * (LANE + GAP) + GAP / 2
        own = sorted((one for one in spans if one.system == system), key=lambda one: (one.start, one.name))
        room = rooms.get(system, 0)
        capacity = f"{room / 1024:.0f} GB for surrogates" if room else "takes no capacity"
        lanes.append(Lane(system, capacity, y, y + LANE, tuple(_bars(own, room, y + LANE, x_of))))
    form = "%H:%M" if last - first < DAY else "%d %b %H:%M"
    return Timeline(
        width=WIDTH + 40,
        height=TOP + len(lanes) * (LANE + GAP) + 10,
        left=LEFT,
        lanes=tuple(lanes),
        ticks=tuple(Tick(x_of(at), at.strftime(form)) for at in dict.fromkeys(_round_times(first, last))),
        zone=get_current_timezone_name(),
        now_x=x_of(now) if first <= now <= last else None,
    )


def _round_times(first: datetime, last: datetime) -> Iterator[datetime]:
    """Times of the site's clock from `first` to `last`, as far apart as a clock is read: 02:00, 02:30."""
    lasts = last - first
    step = next((each for each in STEPS if lasts / each <= MOST_TICKS), DAY * -(-lasts // (MOST_TICKS * DAY)))
    midnight = localtime(first).replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + -(-(localtime(first) - midnight) // step) * step
    while at <= last:
        yield localtime(at.astimezone(UTC))
        at += step


def _bars(
    spans: Iterable[Span], room: int, bottom: float, x_of: Callable[[datetime], float]
) -> Iterable[Bar]:
    """Each bar on top of those that it meets in time, as high as its share of the capacity."""
    drawn: list[tuple[Span, float, float]] = []
    for span in spans:
        height = max(LANE * span.memory_mb / room if room else LANE / 6, LEAST_HEIGHT)
        below = sorted((low, high) for one, low, high in drawn if one.end > span.start)
        low = 0.0
        for other_low, other_high in below:
            if low + height <= other_low:
                break
            low = max(low, other_high)
        drawn.append((span, low, low + height))
        x = x_of(span.start)
        yield Bar(
            span,
            x,
            round(bottom - low - height, 1),
            max(round(x_of(span.end) - x, 1), LEAST_WIDTH),
            round(height, 1),
            _title(span),
        )


def _title(span: Span) -> str:
    how = "expected" if span.planned else "ran"
    start, end = localtime(span.start), localtime(span.end)
    return f"{span.name}, wave {span.wave}: {how} {start:%d %b %H:%M} to {end:%H:%M}, {span.memory_mb} MB"
