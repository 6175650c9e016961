"""Bytes that are not there: pruned or withheld by an entry of two people, or missing."""

import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

from portal.audit.authority import Authority, BadAuthority, authority_in, authority_over, leaves_digest
from portal.audit.models import Release
from portal.audit.rows import StoredRow
from portal.audit.verification.report import MOST_PROBLEMS, Problem


class Released:
    """What the entries of one walk let go; `missing` are the signed entries without bytes, by place."""

    def __init__(self) -> None:
        self.missing: dict[int, StoredRow] = {}
        self._authorities: list[Authority] = []
        self._false: list[Problem] = []
        self._last: dict[str, int] = {}
        self._gone: dict[Authority, int] = Counter()

    def see(self, seq: int | None, document: Mapping[str, Any]) -> None:
        """An entry; one that has no place yet lets nothing go."""
        if seq is None:
            return
        try:
            authority = authority_in(seq, document)
        except BadAuthority as error:
            self._false.append(Problem(f"Entry {seq} claims that bytes may be missing, but {error}.", seq))
            return
        if authority:
            self._authorities.append(authority)

    def named(self, digest: str, seq: int | None) -> None:
        """An entry names output."""
        self._last[digest] = sys.maxsize if seq is None else seq

    def lets_go(self, digest: str) -> bool:
        """Whether output that is not there may be missing; it is counted then."""
        withheld = [each for each in self._authorities if each.what == "withheld"]
        found = authority_over(digest, self._last[digest], withheld + self._authorities)
        if found:
            self._gone[found] += 1
        return found is not None

    def problems(self) -> list[Problem]:
        """False claims, entries that are missing, and rows that let something go without an entry."""
        covered: set[int] = set()
        for each in self._authorities:
            if each.what != "entries":
                continue
            here = sorted(seq for seq in self.missing if seq in each.span)
            if here and leaves_digest(self.missing[seq].leaf for seq in here) == each.leaves:
                self._gone[each] += len(here)
                covered.update(here)
        lost = [seq for seq in self.missing if seq not in covered]
        return [
            *self._false,
            *(
                Problem(
                    f"Entry {seq} ({self.missing[seq].event}): its content is missing, "
                    "and no entry of two people lets just these go.",
                    seq,
                    self.missing[seq].intake,
                )
                for seq in lost[:MOST_PROBLEMS]
            ),
            *self._forged_rows(),
        ]

    def counts(self) -> dict[str, Any]:
        """As the report holds them; after `lets_go` and `problems`."""
        sums: Counter[str] = Counter()
        for authority, count in self._gone.items():
            sums[authority.what] += count
        things = {"entries": "entries", "chunks": "pieces of output", "withheld": "pieces of output"}
        return {
            "pruned_entries": sums["entries"],
            "pruned_chunks": sums["chunks"],
            "withheld_chunks": sums["withheld"],
            "released": [
                f"{count} {things[each.what]} {each.words}."
                for each, count in sorted(self._gone.items(), key=lambda pair: pair[0].seq)
            ],
        }

    def _forged_rows(self) -> list[Problem]:
        said = {(each.seq, each.what, each.span.start, each.span.stop) for each in self._authorities}
        rows = Release.objects.values_list("intake__entry__seq", "what", "first", "end")
        return [
            Problem(
                f"A row of ledger_release rests on entry {row[0]}, which does not say what it does.", row[0]
            )
            for row in rows
            if row not in said
        ]
