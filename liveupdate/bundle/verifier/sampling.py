"""A sample of runs that an auditor can draw again: the seed and the order say it all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

SIZE = 25
"""How many runs a sample has, where there are as many (the usual size for a control of each transaction)."""


def sample_of(runs: Iterable[int], seed: str, size: int = SIZE) -> list[int]:
    """The `size` runs with the smallest SHA-256 over `SEED:RUN`, by that hash."""
    ordered = sorted(runs, key=lambda run: hashlib.sha256(f"{seed}:{run}".encode()).hexdigest())
    return ordered[:size]
