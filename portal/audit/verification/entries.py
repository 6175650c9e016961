"""Checks entries one after the other: content, copies, place, completeness of runs."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from portal.audit.merkle import leaf_hash
from portal.audit.record import intake_mac
from portal.audit.rows import StoredRow
from portal.audit.verification.comparisons import COMPARISONS, Comparison
from portal.audit.verification.copies import altered_copies, copies_hold
from portal.audit.verification.growth import Growth
from portal.audit.verification.report import Problem


class EntryWalk:
    """State of a walk through the ledger from entry 0 on.

    `wanted` are the sizes at which the root is needed; `signed` the size up to which a good
    checkpoint vouches for the content (beyond it, the portal's MAC does); `leaves` what the signer
    remembers of every leaf.
    """

    def __init__(self, wanted: Iterable[int], signed: int, leaves: bytes) -> None:
        self.signed = signed
        self.leaves = leaves
        self.tree = Growth(wanted)
        self.last_rs: dict[int, int] = {}
        self.chunks: dict[str, int | None] = {}
        self.comparisons = [made() for made in COMPARISONS]
        self.problems: list[Problem] = []
        self.next_seq = 0
        self._seeing = _by_event(self.comparisons)

    def place(self, row: StoredRow) -> None:
        """The next entry of the ledger."""
        seq, content = row.seq, row.content
        if seq != self.next_seq:
            last = seq - 1
            which = f"Entry {last} is" if last == self.next_seq else f"Entries {self.next_seq} to {last} are"
            self.problems.append(Problem(f"{which} missing.", self.next_seq))
        self.next_seq = seq + 1
        if isinstance(content, bytes):
            leaf = leaf_hash(content)
            if self._vouched(row, leaf) and self._copies_hold(row, content):
                self._follow(row, content)
            else:
                self._check(row, content, leaf)
        else:
            leaf = row.leaf if isinstance(row.leaf, bytes) else b""
            self._bad(row, "its content is missing")
        self.tree.add(leaf)

    def wait(self, row: StoredRow) -> None:
        """An entry that has no place yet."""
        if isinstance(row.content, bytes):
            self._check(row, row.content, leaf_hash(row.content))
        else:
            self._bad(row, "its content is missing")

    def _vouched(self, row: StoredRow, leaf: bytes) -> bool:
        """Whether these are the bytes that were signed, which the portal wrote in canonical form."""
        at = 32 * row.seq
        signed = 0 <= row.seq < self.signed and self.leaves[at : at + 32] in (leaf, b"")
        return signed and leaf == row.leaf == row.intake_leaf

    def _copies_hold(self, row: StoredRow, content: bytes) -> bool:
        try:
            return copies_hold(content, row)
        except (ValueError, TypeError, AttributeError, IndexError):
            return False

    def _follow(self, row: StoredRow, content: bytes) -> None:
        """What a good entry tells of its run, of chunks, and of rows elsewhere; read only where it does."""
        if row.rs is not None and row.run is not None:
            self._follow_run(row, row.run, row.rs)
        if row.event in self._seeing or b'"chunks":[' in content:
            self._read(row, content)

    def _check(self, row: StoredRow, content: bytes, leaf: bytes) -> None:
        """Say what is wrong with an entry, or that nothing is."""
        if leaf != row.leaf or leaf != row.intake_leaf:
            self._bad(row, "its content was altered")
            return
        remembered = self.leaves[32 * row.seq : 32 * row.seq + 32] if row.seq >= 0 else b""
        if remembered and remembered != leaf:
            self._bad(row, "it is not the entry that was signed at this place")
            return
        if (row.seq < 0 or row.seq >= self.signed) and intake_mac(content) != row.mac:
            self._bad(row, "it was not written by this portal (or SECRET_KEY has changed since)")
            return
        self._read(row, content, compare=True)

    def _read(self, row: StoredRow, content: bytes, *, compare: bool = False) -> None:
        try:
            document = json.loads(content.decode())
            if compare:
                self._compare_copies(row, document)
            self._tell(row, document)
        except (ValueError, KeyError, TypeError, AttributeError):
            self._bad(row, "its content is not in the ledger's format")

    def _compare_copies(self, row: StoredRow, document: Mapping[str, Any]) -> None:
        altered = altered_copies(row, document)
        if altered:
            self._bad(row, f"the copy of {', '.join(altered)} beside its content was altered")
        if document.get("rs") is not None:
            self._follow_run(row, document["sub"]["run"], document["rs"])

    def _follow_run(self, row: StoredRow, run: int, rs: int) -> None:
        expected = self.last_rs.get(run, 0) + 1
        if rs != expected:
            self._bad(row, f"it is number {rs} of run {run} where number {expected} must stand")
        self.last_rs[run] = rs

    def _tell(self, row: StoredRow, document: Mapping[str, Any]) -> None:
        place = row.seq if row.seq >= 0 else None
        for name in document["d"].get("chunks", ()):
            self.chunks.setdefault(name, place)
        for comparison in self._seeing.get(document["t"], ()):
            comparison.see(place, document)

    def _bad(self, row: StoredRow, what: str) -> None:
        if row.seq >= 0:
            message = f"Entry {row.seq} ({row.event or 'unknown'}): {what}."
            self.problems.append(Problem(message, row.seq, row.intake))
        else:
            self.problems.append(Problem(f"Waiting entry of row {row.intake}: {what}.", None, row.intake))


def _by_event(comparisons: Iterable[Comparison]) -> dict[str, list[Comparison]]:
    seeing: dict[str, list[Comparison]] = {}
    for comparison in comparisons:
        for event in comparison.events:
            seeing.setdefault(event.value, []).append(comparison)
    return seeing
