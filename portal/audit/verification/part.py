"""Verifies some neighbouring entries against the newest signed checkpoint, without reading the rest."""

import json
from dataclasses import dataclass
from itertools import islice

from portal.audit.merkle import leaf_hash, root_around
from portal.audit.partial import signed_log
from portal.audit.releases import release_of_entry
from portal.audit.rows import StoredRow, placed_rows
from portal.audit.tree import stored_subtree
from portal.audit.verification.copies import altered_copies
from portal.lib.errors import Conflict, Invalid

MOST = 50_000
"""Entries that are verified while somebody waits."""


@dataclass(frozen=True, slots=True)
class PartReport:
    """Whether the entries `first` to `last` are those under the checkpoint of `size` entries."""

    first: int
    last: int
    size: int
    problem: str = ""

    @property
    def count(self) -> int:
        """How many entries that are."""
        return self.last - self.first + 1


def verify_part(first: int, last: int) -> PartReport:
    """Recompute the leaves of the entries at these places and, with the rest of the tree, its signed root.

    Raises Invalid where there are too many, Conflict where no checkpoint covers them, BadNote.
    """
    if last - first >= MOST:
        raise Invalid(
            f"{last - first + 1:,} entries are too many to verify while you wait; {MOST:,} can be.",
            remedy="Narrow the list by time, run or request, or run `manage.py audit_verify`.",
            code="too_many_entries",
        )
    head = signed_log().head
    last = min(last, head.size - 1)
    if last < first:
        raise Conflict(
            "No checkpoint covers these entries yet.", remedy="Try again in a minute.", code="nothing_signed"
        )
    rows = list(islice(placed_rows(first), last - first + 1))
    problem = next((found for place, row in enumerate(rows, first) if (found := _problem(place, row))), "")
    if not problem and len(rows) < last - first + 1:
        problem = f"Entry #{first + len(rows)} is missing."
    if not problem:
        leaves = [leaf_hash(row.content) if row.content else row.leaf for row in rows]
        if root_around(head.size, first, leaves, stored_subtree) != head.root:
            problem = "They do not give the root that was signed: they, or hashes beside them, were altered."
    return PartReport(first, last, head.size, problem)


def _problem(place: int, row: StoredRow) -> str:
    """What is wrong with the row that should stand at a place; empty for nothing."""
    if row.seq != place:
        return f"Entry #{place} is missing."
    if row.content == b"" and release_of_entry(place):
        return ""
    if not row.content:
        return f"The content of entry #{place} is missing."
    if leaf_hash(row.content) != row.leaf:
        return f"The content of entry #{place} was altered."
    try:
        altered = altered_copies(row, json.loads(row.content))
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"Entry #{place} is not in the ledger's format."
    return f"The copy of {', '.join(altered)} beside entry #{place} was altered." if altered else ""
