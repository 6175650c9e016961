"""A chart as shapes: where every bar, line and word lies. Page and PDF only ink them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from liveupdate.reports.document import Chart, ChartKind
from liveupdate.reports.formats.words import value_of
from portal.lib.text import visible

TOP, BOTTOM, PLOT = 14.0, 40.0, 200.0
"""Above the plot, below it, and its height where a chart stands, in units of the drawing; text is 11 high."""
LANE, CHAR = 22.0, 6.2
"""Height of a bar of a chart that lies, and width of a character."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a chart is drawn on: its width, the margins of a plot that stands, and for one that lies the width
    of the names and how many characters of them fit."""

    width: float
    left: float
    right: float
    names: float
    most: int


WIDE = Sheet(720.0, 64.0, 24.0, 190.0, 30)
NARROW = Sheet(320.0, 46.0, 10.0, 112.0, 15)
"""For the width of a telephone."""
LONG = 12
"""Characters of a label beyond which bars lie, so that it can be read."""
TICKS = 5
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of series number `series`, told in `title`."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True, slots=True)
class Path:
    """A line of series number `series` through points; `titles` tells each of them."""

    points: tuple[tuple[float, float], ...]
    series: int
    titles: tuple[str, ...]

    @property
    def text(self) -> str:
        """The points as SVG writes them."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)

    @property
    def dots(self) -> list[tuple[float, float, str]]:
        """Each point with what it says."""
        return [(x, y, title) for (x, y), title in zip(self.points, self.titles, strict=True)]


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line: of the grid, the axis, or the mark to compare with."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: Literal["grid", "axis", "mark"]


@dataclass(frozen=True, slots=True)
class Word:
    """Text whose base line is at `y`."""

    x: float
    y: float
    text: str
    anchor: Anchor = "middle"
    kind: Literal["tick", "value", "mark"] = "tick"


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of it. `legend` names the series in order; `said` is the chart in a sentence."""

    width: float
    height: float
    bars: tuple[Bar, ...]
    paths: tuple[Path, ...]
    rules: tuple[Rule, ...]
    words: tuple[Word, ...]
    legend: tuple[str, ...]
    said: str


def drawing_of(chart: Chart, sheet: Sheet = WIDE) -> Drawing | None:
    """The drawing of a chart on a sheet; None where no value is above zero."""
    if not any(value for series in chart.series for value in series.values):
        return None
    lies = chart.kind in (ChartKind.BARS, ChartKind.STACKED) and any(
        len(label) > LONG for label in chart.labels
    )
    drawing = _lying(chart, sheet) if lies else _standing(chart, sheet)
    return replace(drawing, legend=tuple(visible(series.title) for series in chart.series), said=_said(chart))


def scale_of(most: int) -> list[int]:
    """Round values from 0 to at least `most`, at most `TICKS` steps."""
    step = 1
    while step * TICKS < most:
        lead = int(str(step)[0])
        step = step * 5 // 2 if lead == 2 else step * 2
    return list(range(0, step * -(-max(most, 1) // step) + 1, step))


def _said(chart: Chart) -> str:
    parts = []
    for series in chart.series:
        known = [
            (value, label)
            for value, label in zip(series.values, chart.labels, strict=True)
            if value is not None
        ]
        if known:
            most = max(known, key=lambda pair: pair[0])
            told = f"{series.title}: {len(known)} values, the most {value_of(chart, most[0])} at {most[1]}"
            parts.append(told)
    return visible("; ".join(parts)) + ". The table beside it has all values."


def _most(chart: Chart) -> int:
    columns = zip(*(series.values for series in chart.series), strict=True)
    if chart.kind is ChartKind.STACKED:
        most = max(sum(value or 0 for value in column) for column in columns)
    else:
        most = max(value or 0 for column in columns for value in column)
    return max(most, chart.mark or 0)


def _title(chart: Chart, series: int, at: int) -> str:
    one = chart.series[series]
    return visible(f"{chart.labels[at]}, {one.title}: {value_of(chart, one.values[at])}")


def _standing(chart: Chart, sheet: Sheet) -> Drawing:
    """Labels from left to right, values upwards."""
    ticks = scale_of(_most(chart))
    width, bottom = sheet.width - sheet.left - sheet.right, TOP + PLOT
    slot = width / len(chart.labels)

    def y_of(value: int) -> float:
        return round(bottom - PLOT * value / ticks[-1], 1)

    rules = [
        Rule(sheet.left, y_of(tick), sheet.width - sheet.right, y_of(tick), "grid" if tick else "axis")
        for tick in ticks
    ]
    words = [Word(sheet.left - 6, y_of(tick) + 4, value_of(chart, tick), "end") for tick in ticks]
    every = -(-len(chart.labels) * CHAR * (max(map(len, chart.labels)) + 2) // width) or 1
    for at, label in enumerate(chart.labels):
        if at % every == 0:
            words.append(Word(round(sheet.left + slot * (at + 0.5), 1), bottom + 16, visible(label)))
    if chart.mark is not None:
        rules.append(Rule(sheet.left, y_of(chart.mark), sheet.width - sheet.right, y_of(chart.mark), "mark"))
        words.append(Word(sheet.width - sheet.right, y_of(chart.mark) - 4, _mark(chart), "end", "mark"))
    is_line = chart.kind is ChartKind.LINE
    paths = tuple(_paths(chart, sheet, slot, y_of=y_of)) if is_line else ()
    bars = () if is_line else tuple(_upright(chart, sheet, slot, ticks[-1]))
    if len(chart.series) == 1:
        words += [
            Word(round(bar.x + bar.width / 2, 1), bar.y - 4, bar.title.rpartition(": ")[2], kind="value")
            for bar in bars
            if len(bar.title.rpartition(": ")[2]) * CHAR < slot
        ]
    return Drawing(sheet.width, bottom + BOTTOM - 16, bars, paths, tuple(rules), tuple(words), (), "")


def _upright(chart: Chart, sheet: Sheet, slot: float, top: int) -> Iterator[Bar]:
    bottom, stacked = TOP + PLOT, chart.kind is ChartKind.STACKED
    share = 0.98 if chart.kind is ChartKind.HISTOGRAM else 0.7
    side_by_side = 1 if stacked else len(chart.series)
    width = min(slot * share / side_by_side, 56.0)
    for at in range(len(chart.labels)):
        x, below = sheet.left + slot * (at + 0.5) - width * side_by_side / 2, 0.0
        for number, series in enumerate(chart.series):
            height = PLOT * (series.values[at] or 0) / top
            left = x if stacked else x + width * number
            if height:
                place = (round(left, 1), round(bottom - below - height, 1), round(width, 1), round(height, 1))
                yield Bar(*place, number, _title(chart, number, at))
            below += height if stacked else 0


def _paths(chart: Chart, sheet: Sheet, slot: float, *, y_of: Callable[[int], float]) -> Iterator[Path]:
    """What was not measured breaks the line."""
    for number, series in enumerate(chart.series):
        piece: list[int] = []
        for at in range(len(chart.labels) + 1):
            if at < len(chart.labels) and series.values[at] is not None:
                piece.append(at)
            elif piece:
                points = tuple(
                    (round(sheet.left + slot * (i + 0.5), 1), y_of(series.values[i] or 0)) for i in piece
                )
                yield Path(points, number, tuple(_title(chart, number, i) for i in piece))
                piece = []


def _lying(chart: Chart, sheet: Sheet) -> Drawing:
    """Labels from top to bottom, values to the right: for names that are long."""
    ticks = scale_of(_most(chart))
    stacked = chart.kind is ChartKind.STACKED
    lanes = 1 if stacked else len(chart.series)
    slot = LANE * lanes + 10
    bottom, width = TOP + slot * len(chart.labels), sheet.width - sheet.names - 0.1 * sheet.width

    def x_of(value: float) -> float:
        return round(sheet.names + width * value / ticks[-1], 1)

    rules = [Rule(x_of(tick), TOP, x_of(tick), bottom, "grid" if tick else "axis") for tick in ticks]
    words = [Word(x_of(tick), bottom + 16, value_of(chart, tick)) for tick in ticks]
    bars: list[Bar] = []
    for at, label in enumerate(chart.labels):
        top = TOP + slot * at + 5
        words.append(
            Word(
                sheet.names - 8,
                round(top + LANE * lanes / 2 + 4, 1),
                _short(visible(label), sheet.most),
                "end",
            )
        )
        below = 0
        for number, series in enumerate(chart.series):
            value = series.values[at]
            x, y = x_of(below), top if stacked else top + LANE * number
            if value:
                bars.append(
                    Bar(
                        x,
                        y + 2,
                        round(x_of(below + value) - x, 1),
                        LANE - 4,
                        number,
                        _title(chart, number, at),
                    )
                )
            below += (value or 0) if stacked else 0
            if not stacked:
                words.append(
                    Word(x_of(value or 0) + 5, y + LANE / 2 + 4, value_of(chart, value), "start", "value")
                )
        if stacked:
            words.append(Word(x_of(below) + 5, top + LANE / 2 + 4, value_of(chart, below), "start", "value"))
    if chart.mark is not None:
        rules.append(Rule(x_of(chart.mark), TOP - 2, x_of(chart.mark), bottom, "mark"))
        words.append(Word(x_of(chart.mark), TOP - 4, _mark(chart), "middle", "mark"))
    return Drawing(sheet.width, bottom + BOTTOM - 16, tuple(bars), (), tuple(rules), tuple(words), (), "")


def _mark(chart: Chart) -> str:
    return visible(f"{chart.mark_title} {value_of(chart, chart.mark)}".strip())


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


def series_names(drawing: Drawing) -> Sequence[tuple[int, str]]:
    """The legend: number and name of each series; empty where there is one that needs no name."""
    return list(enumerate(drawing.legend)) if len(drawing.legend) > 1 else []
