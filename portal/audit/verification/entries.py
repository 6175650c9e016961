"""Checks entries one after the other: content, copies, place, completeness of runs."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from portal.audit.merkle import Frontier, leaf_hash
from portal.audit.record import intake_mac
from portal.audit.rows import StoredRow
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
        self.frontier = Frontier()
        self.roots: dict[int, bytes] = {0: self.frontier.root()} if 0 in self.wanted else {}
        self.tile_roots: list[bytes] = []
        self.last_rs: dict[int, int] = {}
        self.chunks: dict[str, int | None] = {}
        self.problems: list[Problem] = []
        self.next_seq = 0
        self._tile = Frontier()

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
            self._read(row, json.loads(content))
        except (ValueError, KeyError, TypeError, AttributeError):
            self._bad(row, "its content is not in the ledger's format")

    def _read(self, row: StoredRow, document: Mapping[str, Any]) -> None:
        altered = altered_copies(row, document)
        if altered:
            self._bad(row, f"the copy of {', '.join(altered)} beside its content was altered")
        self._follow_run(row, document)
        self._follow_chunks(row, document)

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
        self.frontier.append(leaf)
        self._tile.append(leaf)
        if self._tile.size == 256:
            self.tile_roots.append(self._tile.root())
            self._tile = Frontier()
        if self.frontier.size in self.wanted:
            self.roots[self.frontier.size] = self.frontier.root()

    def _bad(self, row: StoredRow, what: str) -> None:
        if row.seq >= 0:
            message = f"Entry {row.seq} ({row.event or 'unknown'}): {what}."
            self.problems.append(Problem(message, row.seq, row.intake))
        else:
            self.problems.append(Problem(f"Waiting entry of row {row.intake}: {what}.", None, row.intake))


def altered_copies(row: StoredRow, document: Mapping[str, Any]) -> list[str]:
    """Names of columns that do not say what the entry says."""
    subject = document["sub"]
    pairs = (
        ("event", row.event, document["t"]),
        ("actor_kind", row.actor_kind, document["actor"]["k"]),
        ("actor_id", row.actor_id, document["actor"]["id"]),
        ("request", row.request, str(subject.get("request", ""))),
        ("rs", row.rs, document.get("rs")),
        ("run", row.run, subject["run"] if row.rs is not None and "run" in subject else None),
        ("epoch", row.epoch, subject.get("epoch") if row.rs is not None else None),
        ("at", row.instant, datetime.fromisoformat(document["at"])),
    )
    return [name for name, stored, entered in pairs if stored != entered]
