"""Rooms that keep a copy of output delete it with the ledger's."""

from collections.abc import Callable, Collection
from typing import Any

Said = dict[str, Any]
"""An entry, read."""

DELETED_WITH_OUTPUT: list[Callable[[Collection[str], list[Said]], None]] = []
"""Rooms add theirs when Django starts. Called in the transaction that deletes the output, with the digests
that go and the entries that name them."""
