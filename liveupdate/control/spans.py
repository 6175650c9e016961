"""Spans of time: half open, in order, without overlap."""

from collections.abc import Iterable
from datetime import datetime

Span = tuple[datetime, datetime]
"""From the first moment to the first one after it."""


def joined(spans: Iterable[Span]) -> list[Span]:
    """The time that is covered by at least one."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


def common(one: list[Span], other: list[Span]) -> list[Span]:
    """The time that is in both."""
    found, first, second = [], 0, 0
    while first < len(one) and second < len(other):
        begin, end = max(one[first][0], other[second][0]), min(one[first][1], other[second][1])
        if begin < end:
            found.append((begin, end))
        if one[first][1] <= other[second][1]:
            first += 1
        else:
            second += 1
    return found


def without(spans: list[Span], denied: list[Span]) -> list[Span]:
    """The time of `spans` that is not in `denied`."""
    found = []
    for begin, end in spans:
        rest = begin
        for first, last in denied:
            if last <= rest or first >= end:
                continue
            if first > rest:
                found.append((rest, first))
            rest = max(rest, last)
        if rest < end:
            found.append((rest, end))
    return found
