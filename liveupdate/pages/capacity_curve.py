"""The curve of what surrogates will take of a managed system, beside what it has for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from liveupdate.control.demand import Level, highest, levels
from liveupdate.control.spans import Span
from liveupdate.records.demands import Frame

WIDTH, LEFT, TOP, HEIGHT = 960, 140, 26, 84
"""Units of the drawing: its width, the column of names, the axis, the height of all that there is."""
DAYS = 7
MOST_OVER = 1.15
"""The curve goes on so far above what there is; what is more is cut, and said."""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a staircase as it is drawn; its tone says more than there is, or not known how much."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    title: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One resource over time: what is free of it, the staircase below that line, and the most in words."""

    name: str
    free: str
    words: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """Memory and processors on one axis of days; empty `curves`: nothing is expected to take any."""

    width: int
    height: int
    left: int
    line: int
    floor: int
    curves: tuple[Curve, ...]
    ticks: tuple[tuple[float, str], ...]


def curves_of(frame: Frame, low: datetime, zone: tzinfo) -> Curves:
    """A week from `low` on, which is the begin of a day."""
    high = low + timedelta(days=DAYS)
    found = levels(frame.demands, low, high)
    resources = (
        ("Memory", "GB", Decimal(frame.room.memory_mb) / 1024 if frame.room else None, _memory),
        ("Processors", "cores", frame.room.cores if frame.room else None, _cores),
    )
    curves = tuple(
        _curve(name, unit, free, [(level, of(level)) for level in found], (low, high))
        for name, unit, free, of in resources
    )
    edges = [low + timedelta(days=number) for number in range(DAYS)]
    ticks = tuple((_x(at, (low, high)), f"{at.astimezone(zone):%a %d}") for at in edges)
    return Curves(
        WIDTH + 20, TOP + HEIGHT + 10, LEFT, TOP + _above(), TOP + HEIGHT, curves if found else (), ticks
    )


def share(level: Level, frame: Frame) -> float | None:
    """The part of what there is that a level takes, of memory or processors whichever is more."""
    if frame.room is None:
        return None
    memory = level.amount.memory_mb / max(frame.room.memory_mb, 1)
    return max(memory, float(level.amount.cores / (frame.room.cores or 1)))


def most_in_words(found: Iterable[Level], frame: Frame) -> str:
    """The highest level: `24 of 40 GB, 2.5 of 6 cores`; empty where nothing is taken."""
    level = highest(found)
    if level is None:
        return ""
    unknown = _unknown(level.unknown)
    memory, cores = _number(_memory(level)), _number(level.amount.cores)
    if frame.room is None:
        return f"{memory} GB, {cores} cores{unknown}; nobody knows what there is"
    free = _number(Decimal(frame.room.memory_mb) / 1024)
    return f"{memory} of {free} GB, {cores} of {_number(frame.room.cores)} cores{unknown}"


def _curve(
    name: str, unit: str, free: Decimal | None, values: list[tuple[Level, Decimal]], around: Span
) -> Curve:
    scale = free or max((value for _, value in values), default=Decimal(1)) or Decimal(1)
    steps = tuple(
        _step(level, float(value / scale), around, f"{_number(value)} {unit}") for level, value in values
    )
    most = max((value for _, value in values), default=Decimal(0))
    unknown = _unknown(max((level.unknown for level, _ in values), default=0))
    said = f"{_number(free)} {unit} for surrogates" if free is not None else "nobody knows what there is"
    return Curve(name, said, f"at most {_number(most)} {unit} at once{unknown}", steps)


def _step(level: Level, part: float, around: Span, amount: str) -> Step:
    begin, end = _x(level.span[0], around), _x(level.span[1], around)
    height = round((1.0 if level.unknown else min(part, MOST_OVER)) * (HEIGHT - _above()), 1)
    tone = "unknown" if level.unknown else "bad" if part > 1 else "planned"
    title = f"{amount} for {level.count} surrogate{'s' if level.count > 1 else ''}{_unknown(level.unknown)}"
    top = round(TOP + HEIGHT - height, 1)
    return Step(begin, top, max(round(end - begin, 1), 2.0), height, tone, title)


def _unknown(count: int) -> str:
    return f", and {count} of unknown size" if count else ""


def _above() -> int:
    """The room above the line of what there is, for what is more."""
    return round(HEIGHT * (1 - 1 / MOST_OVER))


def _x(at: datetime, around: Span) -> float:
    return round(LEFT + (WIDTH - LEFT) * ((at - around[0]) / (around[1] - around[0])), 1)


def _memory(level: Level) -> Decimal:
    return Decimal(level.amount.memory_mb) / 1024


def _cores(level: Level) -> Decimal:
    return level.amount.cores


def _number(value: Decimal) -> str:
    return f"{round(value, 1).normalize():f}"
