"""What rooms above the ledger compare with it: rows that pages show and entries vouch for."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from portal.audit.events import Event
from portal.audit.verification.report import Problem


class Comparison(Protocol):
    """One comparison during one verification: made before the first entry is read, sees every good entry
    of its kinds in order, then gives its verdict.

    `seq` is None for an entry that waits for its place.
    """

    events: frozenset[Event]

    def see(self, seq: int | None, document: Mapping[str, Any]) -> None:
        """An entry."""

    def problems(self) -> Iterable[Problem]:
        """What does not fit, once every entry was seen."""


COMPARISONS: list[Callable[[], Comparison]] = []
"""Rooms add theirs when Django starts."""
