"""Entries that were put back after a restore: rows elsewhere, and output, may be lost with authority."""

from collections.abc import Iterable, Mapping
from typing import Any

from portal.audit.verification.report import Problem


class Restored:
    """What entries `ledger.restore` say was lost."""

    def __init__(self) -> None:
        self._ranges: list[tuple[range, int | None]] = []
        self._chunks: set[str] = set()

    def see(self, seq: int | None, said: Mapping[str, Any]) -> None:
        """An entry of a restore. Raises KeyError, TypeError where it is none."""
        if said["way"] == "imported":
            self._ranges.append((range(said["from"], said["to"]), seq))
            self._chunks.update(said["missing_chunks"])

    def without_lost(self, chunks: Mapping[str, int | None]) -> dict[str, int | None]:
        """The named chunks but for those that were lost."""
        return {name: seq for name, seq in chunks.items() if name not in self._chunks}

    def explained(self, problems: Iterable[Problem]) -> tuple[list[Problem], list[str]]:
        """Problems with rows that no restore explains, and in words those that one does."""
        left, words = [], []
        for problem in problems:
            authority = self._authority(problem.seq)
            if authority is None:
                left.append(problem)
            else:
                words.append(f"{problem.message} Entry {authority} says that the database was restored.")
        return left, words

    def _authority(self, seq: int | None) -> int | None:
        if seq is None:
            return None
        return next((by for lost, by in self._ranges if seq in lost and by is not None), None)
