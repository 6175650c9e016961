"""Checks entries one after the other: content, copies, place, completeness of runs."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from portal.audit.authority import RELEASES
from portal.audit.events import Event
from portal.audit.merkle import leaf_hash
from portal.audit.record import intake_mac
from portal.audit.rows import RawRow, StoredRow
from portal.audit.verification.comparisons import COMPARISONS, Comparison
from portal.audit.verification.copies import altered_copies, copies_hold
from portal.audit.verification.growth import Growth
from portal.audit.verification.memory import Memory
from portal.audit.verification.released import Released
from portal.audit.verification.report import Problem
from portal.audit.verification.restored import Restored

_AT = {name: at for at, name in enumerate(StoredRow._fields)}
SEQ, LEAF, CONTENT, INTAKE_LEAF = _AT["seq"], _AT["leaf"], _AT["content"], _AT["intake_leaf"]
FOLLOWED = frozenset({Event.LEDGER_RESTORE.value, *RELEASES})
EVENT, RUN, RS = _AT["event"], _AT["run"], _AT["rs"]


class EntryWalk:
    """State of a walk through the ledger from entry 0 on.

    `wanted` are the sizes at which the root is needed; `signed` the size up to which a good
    checkpoint vouches for the content (beyond it, the portal's MAC does); `memory` what the signer
    remembers of every leaf.
    """

    def __init__(self, wanted: Iterable[int], signed: int, memory: Memory) -> None:
        self.signed = signed
        self.memory = memory
        self.memory_is_damaged = False
        self.tree = Growth(wanted)
        self.last_rs: dict[int, int] = {}
        self.chunks: dict[str, int | None] = {}
        self.comparisons = [made() for made in COMPARISONS]
        self.problems: list[Problem] = []
        self.restored = Restored()
        self.released = Released()
        self.next_seq = 0
        self._seeing = _by_event(self.comparisons)

    def place_page(self, page: list[RawRow]) -> None:
        """The next entries of the ledger, together where they are all those that were signed."""
        leaves = self._leaves_of(page)
        if leaves is None:
            for row in page:
                self.place(StoredRow._make(row))
            return
        for row in page:
            if self._copies_hold(row):
                self._follow(row)
            else:
                self._read(StoredRow._make(row), row[CONTENT], compare=True)
        self.next_seq += len(page)
        self.tree.extend(leaves)

    def place(self, row: StoredRow) -> None:
        """The next entry of the ledger."""
        seq, content = row.seq, row.content
        if seq != self.next_seq:
            last = seq - 1
            which = f"Entry {last} is" if last == self.next_seq else f"Entries {self.next_seq} to {last} are"
            self.problems.append(Problem(f"{which} missing.", self.next_seq))
        self.next_seq = seq + 1
        if content == b"" and seq < self.signed:
            leaf = row.leaf
            self._bare(row)
        elif isinstance(content, bytes):
            leaf = leaf_hash(content)
            self._check(row, content, leaf)
        else:
            leaf = row.leaf if isinstance(row.leaf, bytes) else b""
            self._bad(row, "its content is missing")
        self.tree.extend([leaf])

    def wait(self, row: StoredRow) -> None:
        """An entry that has no place yet."""
        if isinstance(row.content, bytes):
            self._check(row, row.content, leaf_hash(row.content))
        else:
            self._bad(row, "its content is missing")

    def _leaves_of(self, page: list[RawRow]) -> list[bytes] | None:
        """The leaf hashes, if each is at its place, the stored one and the signed one: the bytes are then
        what the portal wrote, in canonical form."""
        start, end = self.next_seq, self.next_seq + len(page)
        if end > self.signed or [row[SEQ] for row in page] != list(range(start, end)):
            return None
        try:
            leaves = [sha256(b"\x00" + row[CONTENT]).digest() for row in page]
        except TypeError:
            return None
        stored = [row[LEAF] for row in page] == leaves == [row[INTAKE_LEAF] for row in page]
        return leaves if stored and b"".join(leaves).startswith(self.memory.of(start, end)) else None

    def _copies_hold(self, row: RawRow) -> bool:
        try:
            return copies_hold(row)
        except (ValueError, TypeError, AttributeError, IndexError):
            return False

    def _follow(self, row: RawRow) -> None:
        """What a good entry tells of its run, of chunks, and of rows elsewhere; read only where it does."""
        if row[RS] is not None:
            self._follow_run(row, row[RUN], row[RS])
        if row[EVENT] in self._seeing or row[EVENT] in FOLLOWED or b'"chunks":[' in row[CONTENT]:
            self._read(StoredRow._make(row), row[CONTENT])

    def _bare(self, row: StoredRow) -> None:
        """A signed entry without bytes: whether they may be missing is known at the end."""
        if row.leaf != row.intake_leaf or self.memory.of(row.seq, row.seq + 1) not in (row.leaf, b""):
            self._bad(row, "its leaf hash was altered")
            return
        self.released.missing[row.seq] = row
        if row.rs is not None and row.run is not None:
            self._follow_run(row, row.run, row.rs)

    def _check(self, row: StoredRow, content: bytes, leaf: bytes) -> None:
        """Say what is wrong with an entry, or that nothing is."""
        if leaf != row.leaf or leaf != row.intake_leaf:
            self._bad(row, "its content was altered")
            return
        if self.memory.of(row.seq, row.seq + 1) not in (leaf, b""):
            if self.memory.intact:
                self._bad(row, "it is not the entry that was signed at this place")
                return
            self.memory_is_damaged = True
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

    def _follow_run(self, row: RawRow, run: int, rs: int) -> None:
        expected = self.last_rs.get(run, 0) + 1
        if rs != expected:
            what = f"it is number {rs} of run {run} where number {expected} must stand"
            self._bad(StoredRow._make(row), what)
        self.last_rs[run] = rs

    def _tell(self, row: StoredRow, document: Mapping[str, Any]) -> None:
        place = row.seq if row.seq >= 0 else None
        if document["t"] == Event.LEDGER_RESTORE:
            self.restored.see(place, document["d"])
        self.released.see(place, document)
        for name in document["d"].get("chunks", ()):
            self.chunks.setdefault(name, place)
            self.released.named(name, place)
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
