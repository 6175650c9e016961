"""A measured row: ours beside a reference, with the ratio and the goal."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` is ours / reference; `met` is None where there is no goal for what was measured."""

    id: str
    what: str
    unit: str
    ours: float | None
    reference: float | None
    goal: str = ""
    met: bool | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the reference ours is."""
        return self.ours / self.reference if self.ours is not None and self.reference else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"ratio": self.ratio}


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    started = perf_counter()
    work()
    return perf_counter() - started


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


HEAD = ("", "what", "ours", "reference", "ratio", "goal", "")


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text."""
    cells = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )


def _cells(row: Row) -> tuple[str, ...]:
    word = {True: "met", False: "MISSED", None: ""}[row.met]
    if row.ours is None:
        return ("", row.what, "", "", "", "", "")
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    tail = f"{word} {row.note}".strip()
    return (
        row.id,
        row.what,
        _amount(row.ours, row.unit),
        _amount(row.reference, row.unit),
        ratio,
        row.goal,
        tail,
    )


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    digits = 0 if abs(value) >= 100 or not unit else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".strip()
