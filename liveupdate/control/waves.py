"""Which LPARs are updated at once: waves that no managed system, HMC, NIM master or cluster minds.

A wave begins when the one before is over, so a wave that fits as a whole fits at every instant, however
long any of its runs takes.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil

from liveupdate.control.reasons import Reason
from liveupdate.lpar.surrogate import NOTHING, Amount


@dataclass(frozen=True, slots=True)
class Candidate:
    """An LPAR that is to be updated; `need` is what its surrogate takes, None while nobody knows.

    `master` is the NIM master that follows its run, empty for none. No two that share a key of `apart`
    (`cluster payclu`) are ever updated at once.
    """

    name: str
    system: str
    hmc: str
    team: str
    need: Amount | None
    master: str = ""
    apart: frozenset[str] = frozenset()
    canary: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What each managed system has for surrogates, or why nobody knows; and how many runs at once."""

    room: Mapping[str, Amount | Reason]
    per_system: int
    per_hmc: int
    per_team: int
    per_master: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placement:
    """The wave of an LPAR, from 1 on, and why it is that one."""

    name: str
    wave: int
    why: str


@dataclass(frozen=True, slots=True)
class Waves:
    """Every candidate: placed, or left out with the reason. With `least` waves it cannot be done at all."""

    placed: tuple[Placement, ...]
    left_out: Mapping[str, Reason]
    least: int

    @property
    def count(self) -> int:
        """How many waves there are."""
        return max((each.wave for each in self.placed), default=0)


@dataclass(slots=True)
class _Wave:
    """The members of a wave, and what they take."""

    members: list[Candidate] = field(default_factory=list)
    taken: dict[str, Amount] = field(default_factory=dict)
    runs: Counter[str] = field(default_factory=Counter)
    keys: dict[str, str] = field(default_factory=dict)

    def refusal(self, one: Candidate, limits: Limits) -> str:
        """Why it has no place for this LPAR; empty when it has."""
        for key in sorted(one.apart):
            if key in self.keys:
                return f"{self.keys[key]}, of the same {key}, is in it"
        for place, most, what in _places(one, limits):
            if self.runs[place] >= most:
                return f"{what} at once, and has them"
        return self._shortage(one, limits)

    def _shortage(self, one: Candidate, limits: Limits) -> str:
        room = limits.room[one.system]
        assert isinstance(room, Amount)
        assert one.need is not None
        taken = self.taken.get(one.system, NOTHING)
        beside = ", ".join(each.name for each in self.members if each.system == one.system)
        after = taken + one.need
        if after.memory_mb > room.memory_mb:
            return (
                f"{one.system} has {room.memory_mb} MB for surrogates, and {beside} take {taken.memory_mb} MB"
            )
        if after.cores > room.cores:
            return f"{one.system} has {room.cores} cores for surrogates, and {beside} take {taken.cores}"
        return ""

    def add(self, one: Candidate, limits: Limits) -> None:
        """Take it in."""
        assert one.need is not None
        self.members.append(one)
        self.taken[one.system] = self.taken.get(one.system, NOTHING) + one.need
        self.runs.update(place for place, _, _ in _places(one, limits))
        self.keys |= dict.fromkeys(one.apart, one.name)


def plan_waves(candidates: Iterable[Candidate], limits: Limits) -> Waves:
    """Put LPARs into few waves, the canaries' first; the same LPARs always give the same waves.

    Several orders are tried, first fit each, and the one with the fewest waves is taken.
    """
    asked = sorted(candidates, key=lambda each: each.name)
    left_out = {each.name: reason for each in asked if (reason := _never(each, limits))}
    fitting = [each for each in asked if each.name not in left_out]
    filled = [_filled(sorted(fitting, key=order), limits) for order in _orders(fitting, limits)]
    best = min(filled, key=lambda waves: len(waves[0]))
    canaries = [each for each in fitting if each.canary]
    others = [each for each in fitting if not each.canary]
    least = least_waves(canaries, limits) + least_waves(others, limits)
    return Waves(tuple(sorted(best[1], key=lambda each: (each.wave, each.name))), left_out, least)


def least_waves(candidates: Sequence[Candidate], limits: Limits) -> int:
    """A number of waves that no plan can do with fewer than."""
    if not candidates:
        return 0
    counts, shares = Counter[tuple[str, int]](), defaultdict[tuple[str, str], Decimal](Decimal)
    for one in candidates:
        room = limits.room[one.system]
        assert isinstance(room, Amount)
        assert one.need is not None
        counts.update((place, most) for place, most, _ in _places(one, limits))
        counts.update((key, 1) for key in one.apart)
        shares[one.system, "memory"] += Decimal(one.need.memory_mb) / max(room.memory_mb, 1)
        shares[one.system, "cores"] += one.need.cores / (room.cores or 1)
    by_runs = max(ceil(count / most) for (_, most), count in counts.items())
    return max(by_runs, *(ceil(round(share, 9)) for share in shares.values()))


def _places(one: Candidate, limits: Limits) -> list[tuple[str, int, str]]:
    """Where its run counts: the place, how many may be there, and that in words."""
    found = [
        (f"system {one.system}", limits.per_system, f"{one.system} bears {limits.per_system} runs"),
        (f"hmc {one.hmc}", limits.per_hmc, f"{one.hmc} bears {limits.per_hmc} runs"),
        (f"team {one.team}", limits.per_team, f"team {one.team} has {limits.per_team} runs at most"),
    ]
    if one.master:
        most = limits.per_master[one.master]
        found.append((f"master {one.master}", most, f"{one.master} follows {most} runs"))
    return found


def _never(one: Candidate, limits: Limits) -> Reason | None:
    """Why an LPAR finds a place in no wave, not even alone."""
    room = limits.room[one.system]
    if isinstance(room, Reason):
        return room
    if one.need is None:
        return Reason(
            "need_unknown",
            f"Nobody knows how much the surrogate of {one.name} takes.",
            "Read the facts of the LPAR first.",
        )
    if one.need.memory_mb > room.memory_mb or one.need.cores > room.cores:
        return Reason(
            "no_room",
            f"The surrogate of {one.name} needs {one.need.memory_mb} MB and {one.need.cores} cores; "
            f"{one.system} has {room.memory_mb} MB and {room.cores} cores for surrogates in all.",
            "Make the LPAR smaller by DLPAR for the update, or free capacity on the managed system.",
        )
    if blocked := [what for _, most, what in _places(one, limits) if most < 1]:
        return Reason("no_runs", f"{blocked[0]} at once.", "Raise the limit.")
    return None


def _orders(
    candidates: Sequence[Candidate], limits: Limits
) -> list[Callable[[Candidate], tuple[object, ...]]]:
    """Orders in which LPARs are placed; those with many to keep apart from, or much to find, come first."""
    kin = Counter(key for each in candidates for key in each.apart)

    def group(one: Candidate) -> int:
        return -max((kin[key] for key in one.apart), default=1)

    def share(one: Candidate) -> Decimal:
        room = limits.room[one.system]
        assert isinstance(room, Amount)
        assert one.need is not None
        memory = Decimal(one.need.memory_mb) / max(room.memory_mb, 1)
        return -max(memory, one.need.cores / (room.cores or 1))

    return [
        lambda one: (not one.canary, group(one), share(one), one.name),
        lambda one: (not one.canary, share(one), group(one), one.name),
        lambda one: (not one.canary, one.system, share(one), one.name),
    ]


def _filled(ordered: Sequence[Candidate], limits: Limits) -> tuple[list[_Wave], list[Placement]]:
    """First fit: each into the first wave that has a place; the others only after the last canary."""
    waves: list[_Wave] = []
    placed: list[Placement] = []
    first = 0
    for one in ordered:
        if not one.canary and not first:
            first = len(waves)
        refused = ""
        for number in range(0 if one.canary else first, len(waves) + 1):
            if number == len(waves):
                waves.append(_Wave())
            if not (why := waves[number].refusal(one, limits)):
                break
            refused = f"Wave {number + 1} has no place for it: {why}."
        waves[number].add(one, limits)
        placed.append(Placement(one.name, number + 1, _why(one, limits, refused)))
    return waves, placed


def _why(one: Candidate, limits: Limits, refused: str) -> str:
    room = limits.room[one.system]
    assert isinstance(room, Amount)
    assert one.need is not None
    order = "A canary: it goes before all others." if one.canary else ""
    fits = (
        f"Its surrogate takes {one.need.memory_mb} MB and {one.need.cores} cores of the {room.memory_mb} MB "
        f"and {room.cores} cores that {one.system} has."
    )
    return " ".join(part for part in (order, refused, fits if one.need != NOTHING else "") if part)
