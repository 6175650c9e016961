"""The calendar page: days across, managed systems or applications down; windows, freezes, requests, runs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from django.db.models import QuerySet

from inventory.models import Lpar
from liveupdate.control.calendar import Calendar, Kind, Occurrence, Place, effective
from liveupdate.control.demand import levels
from liveupdate.control.spans import Span
from liveupdate.models import Request, StoredPeriod
from liveupdate.pages.capacity_curve import most_in_words, share
from liveupdate.records.demands import Frame
from liveupdate.states import RequestState
from portal.web.badges import face

LANES = {"systems": "managed_system__name", "applications": "application"}
"""What a lane is, and the field of the LPAR that says which."""
SHOWN_STATES = (
    *(RequestState.PLANNING, RequestState.PLANNED, RequestState.SUBMITTED),
    *(RequestState.APPROVED, RequestState.STARTED, RequestState.FINISHED),
)
MOST_REQUESTS = 2_000
FULL = 24
"""How high a load is drawn that takes everything."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day by the site's clock; 23 or 25 hours long when the clock changes."""

    day: date
    span: Span
    zone: tzinfo
    is_today: bool

    @property
    def minutes(self) -> int:
        """How long it is."""
        return int((self.span[1] - self.span[0]) / MINUTE)

    def part(self, span: Span) -> tuple[int, int] | None:
        """The part of a span that lies in the day: its first minute, and how many."""
        begin, end = max(span[0], self.span[0]), min(span[1], self.span[1])
        if begin >= end:
            return None
        return int((begin - self.span[0]) / MINUTE), max(1, int((end - begin) / MINUTE))


@dataclass(frozen=True, slots=True)
class Bar:
    """Something drawn: `tone` is its CSS class, `x` and `width` are minutes of the day."""

    tone: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Note:
    """A window or freeze in words: its time on that day, and for whom it is."""

    kind: str
    times: str
    name: str
    uid: str
    scope: str


@dataclass(frozen=True, slots=True)
class Block:
    """A request or its run: when, in which state, and which LPAR."""

    request: Request
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Load:
    """What surrogates take of a managed system in a part of a day: `height` of `FULL`, `over`: too much."""

    x: int
    width: int
    height: float
    over: bool

    @property
    def y(self) -> float:
        """Where it begins, from above."""
        return FULL - self.height


@dataclass(slots=True)
class Cell:
    """What one lane has on one day; `most` is in words what surrogates take at once at most."""

    day: Day
    loads: list[Load] = field(default_factory=list)
    most: str = ""
    bars: list[Bar] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    @property
    def kinds(self) -> set[str]:
        """`window`, `freeze`, for the month's cells."""
        return {note.kind for note in self.notes}


@dataclass(frozen=True, slots=True)
class Lane:
    """A managed system or an application: what holds for it now, and its days."""

    name: str
    state: str
    why: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Lasting:
    """A stored period with what the page needs of it."""

    uid: str
    occurrence: Occurrence


def days_from(first: date, count: int, zone: tzinfo, today: date) -> list[Day]:
    """So many days by the clock of a zone."""
    dates = [first + timedelta(days=number) for number in range(count + 1)]
    edges = [datetime.combine(each, time.min, zone).astimezone(UTC) for each in dates]
    return [Day(each, span, zone, each == today) for each, span in zip(dates, pairwise(edges), strict=False)]


def lanes_of(
    lpars: QuerySet[Lpar],
    by: str,
    names: Iterable[str],
    *,
    periods: Iterable[StoredPeriod],
    requests: QuerySet[Request],
    days: list[Day],
    at: datetime,
    frames: Mapping[str, Frame] | None = None,
) -> list[Lane]:
    """The lanes of these names, with a constant number of queries; `frames` are managed systems by name."""
    low, high = days[0].span[0], days[-1].span[1]
    members: dict[str, set[Place]] = defaultdict(set)
    fields = (by, "host__name", "team__slug", "environment", "application")
    for name, *place in lpars.filter(**{f"{by}__in": list(names)}).order_by().values_list(*fields):
        members[name].add(Place(*place))
    stored = [(row.uid, row.period) for row in periods]
    calendar = Calendar(tuple(period for _, period in stored))
    lasting = [Lasting(uid, each) for uid, period in stored for each in period.between(low, high)]
    blocks = _blocks(requests.filter(**{f"lpar__{by}__in": list(names)}), by, low, high)
    lanes = []
    for name in names:
        frame = frames.get(name) if frames else None
        state, why = _now(calendar, members[name], at)
        cells = _cells(days, members[name], lasting, blocks[name])
        if frame is not None:
            for cell in cells:
                _load(cell, frame)
        lanes.append(Lane(name or "No application named", state, why, cells))
    return lanes


def _blocks(
    requests: QuerySet[Request], by: str, low: datetime, high: datetime
) -> dict[str, list[tuple[Span, Block]]]:
    shown = requests.filter(state__in=SHOWN_STATES, starts_at__lt=high, ends_at__gt=low)
    rows = shown.select_related("lpar__host", "lpar__managed_system", "run").defer("findings")
    found: dict[str, list[tuple[Span, Block]]] = defaultdict(list)
    for row in rows.order_by("starts_at", "pk")[:MOST_REQUESTS]:
        run = getattr(row, "run", None)
        begin, end = row.starts_at, row.ends_at
        if run is not None and run.started_at:
            begin, end = run.started_at, run.ended_at or max(row.ends_at, run.started_at + MINUTE)
        lane = row.lpar.managed_system.name if by == LANES["systems"] else row.lpar.application
        found[lane].append(((begin, end), Block(row, run.state if run else row.state, begin)))
    return found


def _now(calendar: Calendar, places: set[Place], at: datetime) -> tuple[str, str]:
    """What holds for the LPARs of a lane at a moment: a state and why; each set of periods is judged once."""
    judged = {}
    for place in places:
        own = calendar.about(place)
        if own not in judged:
            judged[own] = effective(own, place, at)
    states = {each.reasons[0].code for each in judged.values()} or {"no_window_applies"}
    why = " ".join(sorted({str(reason) for each in judged.values() for reason in each.reasons})[:3])
    return states.pop() if len(states) == 1 else "partly", why


def _cells(
    days: list[Day], places: set[Place], lasting: list[Lasting], blocks: list[tuple[Span, Block]]
) -> list[Cell]:
    own = [each for each in lasting if any(each.occurrence.period.scope.covers(place) for place in places)]
    own.sort(key=lambda each: (each.occurrence.period.kind is Kind.FREEZE, each.occurrence.begin))
    cells = []
    for day in days:
        cell = Cell(day)
        for each in own:
            if part := day.part(each.occurrence.span):
                cell.bars.append(Bar(each.occurrence.period.kind.value, *part))
                cell.notes.append(_note(each, day))
        for span, block in blocks:
            if part := day.part(span):
                cell.bars.append(Bar(f"block {face(block.state).tone}", *part))
                cell.blocks.append(block)
        cells.append(cell)
    return cells


def _load(cell: Cell, frame: Frame) -> None:
    """Draw into a day what surrogates are expected to take."""
    found = levels(frame.demands, *cell.day.span)
    cell.most = most_in_words(found, frame)
    for level in found:
        part, taken = cell.day.part(level.span), share(level, frame)
        if part and taken is not None:
            cell.loads.append(Load(*part, round(min(taken, 1.0) * FULL, 1), taken > 1))


def _note(each: Lasting, day: Day) -> Note:
    period = each.occurrence.period
    begin, end = max(each.occurrence.begin, day.span[0]), min(each.occurrence.end, day.span[1])
    whole = (begin, end) == day.span
    times = "all day" if whole else f"{begin.astimezone(day.zone):%H:%M} to {_last(end, day)}"
    return Note(period.kind.value, times, period.name, each.uid, str(period.scope))


def _last(end: datetime, day: Day) -> str:
    return "24:00" if end == day.span[1] else f"{end.astimezone(day.zone):%H:%M}"
