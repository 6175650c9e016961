"""Percentiles that an auditor can repeat by hand: of the sorted values the one at the nearest rank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date


def percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The smallest value that at least `percent` of 100 of the sorted values do not exceed; None of none."""
    if not ordered:
        return None
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


def months_between(first: date, last: date) -> list[str]:
    """Every month from that of the first day to that of the last, as `2026-11`."""
    number, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [f"{each // 12}-{each % 12 + 1:02}" for each in range(number, end + 1)]


def classes_of(values: Iterable[int], bounds: Sequence[int]) -> list[int]:
    """How many values lie in each class up to a bound (included); the last class holds all above."""
    counts = [0] * (len(bounds) + 1)
    for value in values:
        counts[next((at for at, bound in enumerate(bounds) if value <= bound), len(bounds))] += 1
    return counts
