"""What a verification found."""

from dataclasses import asdict, dataclass, field
from typing import Any

MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was entered or signed.

    `seq` is the entry's place (the first of a range), None where the problem is with no entry;
    `intake` the database id of its row.
    """

    message: str
    seq: int | None = None
    intake: int | None = None


@dataclass(slots=True)
class Report:
    """The result: counts, the newest good checkpoint, and every problem (at most 50, in order).

    `released` says in words by which entries bytes are missing with authority.
    """

    size: int = 0
    root: str = ""
    checkpoint: str = ""
    checkpoint_size: int = 0
    checkpoint_root: str = ""
    checkpoints: int = 0
    unsealed: int = 0
    unsigned: int = 0
    runs: int = 0
    chunks: int = 0
    receipts: int = 0
    pruned_entries: int = 0
    pruned_chunks: int = 0
    withheld_chunks: int = 0
    released: list[str] = field(default_factory=list)
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing was altered, removed, inserted or reordered."""
        return not self.problems

    @property
    def first_bad(self) -> Problem | None:
        """The problem nearest to the ledger's beginning."""
        return self.problems[0] if self.problems else None

    def settle(self) -> None:
        """Order the problems by place and keep the first ones."""
        placed = [problem for problem in self.problems if problem.seq is not None]
        others = [problem for problem in self.problems if problem.seq is None]
        self.problems = [*sorted(placed, key=lambda problem: problem.seq or 0), *others][:MOST_PROBLEMS]

    def as_dict(self) -> dict[str, Any]:
        """The report as `--json` shows it."""
        first = self.first_bad
        return {"ok": self.ok, **asdict(self), "first_bad": asdict(first) if first else None}
