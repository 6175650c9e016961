"""How long a run is expected to take, and what that rests on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

MINUTE = timedelta(minutes=1)
LEAST_OWN, LEAST_ALIKE = 2, 3
"""So many finished runs are told from: of the LPAR itself, and of LPARs like it."""
SIZES_MB = (16 * 1024, 64 * 1024, 256 * 1024)
"""Bounds between the size classes of LPARs by their memory, which a Live Update copies."""

LIVE_UPDATE = 55 * MINUTE
"""The preview (1 to 10 minutes) and Live Update (10 to 90), each by the middle of its range."""
CLEANUP = 15 * MINUTE
"""`clvupdate` after a failure: 1 to 30 minutes (handbook 3.5)."""
NIM = 5 * MINUTE
"""What NIM adds to a Live Update (handbook 3.5)."""
FIGURES = {
    "rollback_clone": 22 * MINUTE,
    "rollback": 12 * MINUTE,
    "activate_by_restart": 12 * MINUTE,
    "install_ifixes": 5 * MINUTE,
    "remove_ifixes": 5 * MINUTE,
    "collect_logs": 10 * MINUTE,
    "cleanup": 15 * MINUTE,
    "nim_setup": 32 * MINUTE,
}
"""Procedures that make no surrogate, by the middle of their longest command's range (handbook 3.5)."""
OTHERS = 6 * MINUTE
"""A preview, a check, or a repair of seconds to minutes."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose run is to be told: the procedure, and the LPAR by id, managed system and memory."""

    procedure: str
    moves_workload: bool
    lpar: int
    system: int
    memory_mb: int | None

    @property
    def size(self) -> int:
        """Its size class; an unknown memory is one of its own."""
        return -1 if self.memory_mb is None else sum(self.memory_mb > bound for bound in SIZES_MB)


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run that succeeded."""

    subject: Subject
    seconds: float


@dataclass(frozen=True, slots=True)
class Expected:
    """How long a run and, should it fail, the cleanup after it take; `basis` says how that is known."""

    run: timedelta
    cleanup: timedelta
    basis: str

    @property
    def needs(self) -> timedelta:
        """The time that has to be left before the window's end."""
        return self.run + self.cleanup


def expected(subject: Subject, past: Iterable[PastRun]) -> Expected:
    """What a run takes: by the LPAR's own past runs, else by those of LPARs like it, else by the handbook."""
    cleanup = CLEANUP if subject.moves_workload else timedelta()
    same = [run for run in past if run.subject.procedure == subject.procedure]
    own = [run.seconds for run in same if run.subject.lpar == subject.lpar]
    sized = [run for run in same if run.subject.size == subject.size]
    beside = [run.seconds for run in sized if run.subject.system == subject.system]
    for seconds, least, whose in (
        (own, LEAST_OWN, "on this LPAR"),
        (beside, LEAST_ALIKE, "on its managed system, of LPARs of its size"),
        ([run.seconds for run in sized], LEAST_ALIKE, "of LPARs of its size"),
    ):
        if len(seconds) >= least:
            basis = f"nine of ten of the last {len(seconds)} runs {whose} took no longer"
            return Expected(timedelta(seconds=ceil(_p90(seconds))), cleanup, basis)
    return Expected(_by_handbook(subject), cleanup, "IBM's usual times, as too few runs have finished yet")


def _p90(seconds: list[float]) -> float:
    return sorted(seconds)[ceil(0.9 * len(seconds)) - 1]


def _by_handbook(subject: Subject) -> timedelta:
    if subject.moves_workload:
        return LIVE_UPDATE + (NIM if subject.procedure.startswith("nim_") else timedelta())
    return FIGURES.get(subject.procedure, OTHERS)
