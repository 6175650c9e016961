"""How much of something is taken when: a staircase over time, of what overlaps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from liveupdate.control.spans import Span
from liveupdate.lpar.surrogate import NOTHING, Amount


@dataclass(frozen=True, slots=True)
class Demand:
    """What one surrogate takes, and when; `amount` is None while nobody knows how much."""

    span: Span
    amount: Amount | None


@dataclass(frozen=True, slots=True)
class Level:
    """What is taken at once in a span; `unknown` counts those of whom nobody knows how much they take."""

    span: Span
    amount: Amount
    count: int
    unknown: int


def levels(demands: Iterable[Demand], low: datetime, high: datetime) -> list[Level]:
    """What is taken between two moments, in order; spans in which nothing is taken are left out."""
    inside = [each for each in demands if each.span[0] < high and each.span[1] > low]
    edges = sorted({min(max(edge, low), high) for each in inside for edge in each.span})
    found = []
    for begin, end in pairwise(edges):
        now = [each for each in inside if each.span[0] < end and each.span[1] > begin]
        if now:
            amounts = [each.amount for each in now if each.amount is not None]
            found.append(Level((begin, end), sum(amounts, NOTHING), len(now), len(now) - len(amounts)))
    return found


def highest(found: Iterable[Level]) -> Level | None:
    """Where most memory is taken; None where nothing is."""
    return max(
        found, key=lambda level: (level.amount.memory_mb, level.amount.cores, level.count), default=None
    )
