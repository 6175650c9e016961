"""Checks entries one after the other: content, copies, place, completeness of runs."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from portal.audit.merkle import EMPTY_ROOT, Frontier, complete_root, frontier_of, leaf_hash
from portal.audit.record import intake_mac
from portal.audit.rows import StoredRow, instant
from portal.audit.tree import TILE_WIDTH
from portal.audit.verification.comparisons import COMPARISONS
from portal.audit.verification.report import Problem


class EntryWalk:
    """State of a walk through the ledger from entry 0 on.

    `wanted` are the sizes at which the root is needed; `signed` the size up to which a good
    checkpoint vouches for the content (beyond it, the portal's MAC does); `leaves` what the signer
    remembers of every leaf.
    """

    def __init__(self, wanted: Iterable[int], signed: int, leaves: bytes) -> None:
        self.wanted = set(wanted)
        self.signed = signed
        self.leaves = leaves
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT} if 0 in self.wanted else {}
        self.tile_roots: list[bytes] = []
        self.last_rs: dict[int, int] = {}
        self.chunks: dict[str, int | None] = {}
        self.comparisons = [made() for made in COMPARISONS]
        self.problems: list[Problem] = []
        self.next_seq = 0
        self._tiles = Frontier()
        self._tile: list[bytes] = []

    def root(self) -> bytes:
        """The root of the entries so far."""
        rest = frontier_of(self._tile)
        size = TILE_WIDTH * self._tiles.size + rest.size
        return Frontier(size, [*self._tiles.hashes, *rest.hashes]).root()

    def place(self, row: StoredRow) -> None:
        """The next entry of the ledger."""
        if row.seq != self.next_seq:
            last = row.seq - 1
            which = f"Entry {last} is" if last == self.next_seq else f"Entries {self.next_seq} to {last} are"
            self.problems.append(Problem(f"{which} missing.", self.next_seq))
        self.next_seq = row.seq + 1
        if isinstance(row.content, bytes):
            leaf = leaf_hash(row.content)
            self._check(row, row.content, leaf)
        else:
            leaf = row.leaf if isinstance(row.leaf, bytes) else b""
            self._bad(row, "its content is missing")
        self._grow(leaf)

    def wait(self, row: StoredRow) -> None:
        """An entry that has no place yet."""
        if isinstance(row.content, bytes):
            self._check(row, row.content, leaf_hash(row.content))
        else:
            self._bad(row, "its content is missing")

    def _check(self, row: StoredRow, content: bytes, leaf: bytes) -> None:
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
        try:
            self._read(row, json.loads(content.decode()))
        except (ValueError, KeyError, TypeError, AttributeError):
            self._bad(row, "its content is not in the ledger's format")

    def _read(self, row: StoredRow, document: Mapping[str, Any]) -> None:
        altered = altered_copies(row, document)
        if altered:
            self._bad(row, f"the copy of {', '.join(altered)} beside its content was altered")
        self._follow_run(row, document)
        self._follow_chunks(row, document)
        for comparison in self.comparisons:
            comparison.see(row.seq if row.seq >= 0 else None, document)

    def _follow_run(self, row: StoredRow, document: Mapping[str, Any]) -> None:
        rs = document.get("rs")
        if rs is None:
            return
        run = document["sub"]["run"]
        expected = self.last_rs.get(run, 0) + 1
        if rs != expected:
            self._bad(row, f"it is number {rs} of run {run} where number {expected} must stand")
        self.last_rs[run] = rs

    def _follow_chunks(self, row: StoredRow, document: Mapping[str, Any]) -> None:
        for name in document["d"].get("chunks", ()):
            self.chunks.setdefault(name, row.seq if row.seq >= 0 else None)

    def _grow(self, leaf: bytes) -> None:
        self._tile.append(leaf)
        if len(self._tile) == TILE_WIDTH:
            self.tile_roots.append(complete_root(self._tile))
            self._tiles.append(self.tile_roots[-1])
            self._tile.clear()
        size = TILE_WIDTH * self._tiles.size + len(self._tile)
        if size in self.wanted:
            self.roots[size] = self.root()

    def _bad(self, row: StoredRow, what: str) -> None:
        if row.seq >= 0:
            message = f"Entry {row.seq} ({row.event or 'unknown'}): {what}."
            self.problems.append(Problem(message, row.seq, row.intake))
        else:
            self.problems.append(Problem(f"Waiting entry of row {row.intake}: {what}.", None, row.intake))


def altered_copies(row: StoredRow, document: Mapping[str, Any]) -> list[str]:
    """Names of columns that do not say what the entry says. Raises KeyError, ValueError, TypeError."""
    subject, actor, rs = document["sub"], document["actor"], document.get("rs")
    entered = (
        *(document["t"], actor["k"], actor["id"], str(subject.get("request", "")), rs),
        *((None, None) if rs is None else (subject["run"], subject.get("epoch"))),
    )
    stored = (row.event, row.actor_kind, row.actor_id, row.request, row.rs, row.run, row.epoch)
    names = ("event", "actor_kind", "actor_id", "request", "rs", "run", "epoch")
    altered = (
        [] if stored == entered else [n for n, a, b in zip(names, stored, entered, strict=True) if a != b]
    )
    at = document["at"]
    if row.at[:26] != f"{at[:10]} {at[11:26]}" and instant(row.at) != datetime.fromisoformat(at):
        altered.append("at")
    return altered
