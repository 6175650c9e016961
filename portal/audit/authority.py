"""Entries that let bytes go: what they say, and whether two people do. Plain Python 3.8, in verify.py too."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

PRUNE, WITHHOLD = "ledger.prune", "redact.late"
RELEASES = (PRUNE, WITHHOLD)
"""The kinds of entries by which bytes may be missing."""
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class BadAuthority(Exception):
    """An entry claims that bytes may be missing, and is not what two people enter."""


class Authority(NamedTuple):
    """What the entry at `seq` lets go.

    `what` is `entries` (the bytes of entries at places in `span`, `leaves` being the SHA-256 over their leaf
    hashes), `chunks` (output that no entry from the end of `span` on names) or `withheld` (the output
    `digests`, as entries before `seq` name it).
    """

    seq: int
    what: str
    span: range
    archive: str = ""
    leaves: str = ""
    digests: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """As pages and verifiers say it."""
        if self.what == "withheld":
            return f"withheld by entry #{self.seq}"
        return f"pruned by entry #{self.seq}, archive {self.archive.replace(':', ' ')}"

    def lets_go(self, digest: str, last: int) -> bool:
        """Whether output may be missing that the entry at `last` is the newest to name."""
        if self.what == "chunks":
            return last < self.span.stop
        return digest in self.digests and last < self.seq


def authority_in(seq: int, said: Mapping[str, Any]) -> Authority | None:
    """What an entry (the whole document) lets go; None for an entry of another kind. Raises BadAuthority."""
    if said["t"] not in RELEASES:
        return None
    data = said["d"]
    try:
        people = {str(each["user"]) for each in data["people"]}
        if len(people) < 2 or "" in people or not str(data["reason"]).strip():
            raise BadAuthority("it does not name two people and their reason")
        if said["t"] == WITHHOLD:
            digests = frozenset(_digest(each) for each in data["withheld"])
            return Authority(seq, "withheld", range(seq), digests=digests)
        span = range(int(data["from"]), int(data["to"]))
        if not 0 <= span.start < span.stop <= seq or data["what"] not in ("entries", "chunks"):
            raise BadAuthority("it names no places before its own")
        leaves = _digest(data["leaves"]) if data["what"] == "entries" else ""
        return Authority(seq, data["what"], span, _digest(data["archive"]), leaves)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAuthority("it is not in the ledger's format") from error


def authority_over(digest: str, last: int, authorities: Iterable[Authority]) -> Authority | None:
    """The first that lets a piece of output go, which the entry at `last` is the newest to name."""
    return next((each for each in authorities if each.lets_go(digest, last)), None)


def leaves_digest(leaves: Iterable[bytes]) -> str:
    """One digest over the leaf hashes of entries, in their order."""
    return "sha256:" + hashlib.sha256(b"".join(leaves)).hexdigest()


def _digest(text: Any) -> str:
    if not DIGEST.fullmatch(text):
        raise BadAuthority("it names no SHA-256")
    return str(text)
