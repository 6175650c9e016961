"""What rooms above the ledger compare with it: rows that pages show and entries vouch for."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, Generic, Protocol, TypeVar

from portal.audit.events import Event
from portal.audit.verification.report import Problem

Values = tuple[Any, ...]
Key = TypeVar("Key", bound=Hashable)


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


class RowComparison(ABC, Generic[Key]):
    """Compares rows with the newest entries of their kinds: none altered, none forged, none removed.

    The portal may go on working meanwhile: a row and its entry are written in one transaction, so a row
    read before the first entry has its entry among those seen; what does not fit then is read once more.
    With `complete` every entry must have its row. Values are kept as digests of 16 bytes.
    """

    events: frozenset[Event]
    complete = True

    def __init__(self) -> None:
        self._said: dict[Key, tuple[int | None, bytes]] = {}
        self._rows = dict(self._marked())

    @abstractmethod
    def said(self, document: Mapping[str, Any]) -> tuple[Key, Values]:
        """Which row an entry vouches for, and its values there."""

    @abstractmethod
    def rows(self) -> Iterator[tuple[Key, Values]]:
        """Every row as it is, with the same values."""

    @abstractmethod
    def name(self, key: Key) -> str:
        """What a row is called in the report, with a capital."""

    def see(self, seq: int | None, document: Mapping[str, Any]) -> None:
        """Keep what an entry says."""
        key, values = self.said(document)
        self._said[key] = (seq, _mark(values))

    def problems(self) -> Iterator[Problem]:
        """Every row that is not as it was entered."""
        if all(self._fits(key) for key in (*self._rows, *self._said)):
            return
        suspects = {key for key in (*self._rows, *self._said) if not self._fits(key)}
        self._rows = dict(self._marked())
        for key in sorted(suspects, key=str):
            if not self._fits(key):
                yield self._problem(key)

    def _fits(self, key: Key) -> bool:
        row, said = self._rows.get(key), self._said.get(key)
        if row is None:
            return said is None or not self.complete
        return said is not None and said[1] == row

    def _problem(self, key: Key) -> Problem:
        if key not in self._said:
            return Problem(f"{self.name(key)} was never entered: somebody wrote it into the database.")
        seq = self._said[key][0]
        if key not in self._rows:
            return Problem(f"{self.name(key)} was entered and is not there any more.", seq)
        return Problem(f"{self.name(key)} is not what was entered.", seq)

    def _marked(self) -> Iterator[tuple[Key, bytes]]:
        return ((key, _mark(values)) for key, values in self.rows())


def _mark(values: Values) -> bytes:
    return blake2b(repr(values).encode(), digest_size=16).digest()
