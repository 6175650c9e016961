"""Rows that belong to a person and go when the person is erased."""

from collections.abc import Mapping
from typing import Any

from portal.access.evidence.personal import CONFIRMED
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison


class OwnedRows(RowComparison[int]):
    """A comparison of such rows; its `events` name `user.erase` too."""

    def __init__(self) -> None:
        self._of: dict[str, set[int]] = {}
        super().__init__()

    def see(self, seq: int | None, document: Mapping[str, Any]) -> None:
        """An erased person's rows are gone."""
        person = document["sub"]["user"]
        if document["t"] != Event.USER_ERASE:
            self._of.setdefault(person, set()).add(self.said(document)[0])
            super().see(seq, document)
        elif document["d"]["what"] == CONFIRMED:
            for key in self._of.pop(person, ()):
                self._said.pop(key, None)
