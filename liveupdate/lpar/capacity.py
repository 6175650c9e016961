"""Whether a managed system has room for an LPAR's surrogate, beside those of other plans.

What is free now, what an Enterprise Pool could still activate, what other plans have reserved, what
the surrogate needs: the same judgement for the readiness checks, the pages and the start of a run.
What nobody knows is unknown, and never counted as nothing.
"""

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from inventory.facts.aix.lvupdate_data import LVUPDATE_DATA
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.base import Fact, FactMissing, FactSet
from inventory.facts.hmc.cod_pool_systems import COD_POOL_SYSTEMS, CodPoolSystem
from inventory.facts.hmc.cod_pools import COD_POOLS, CodPool
from inventory.facts.hmc.lpars import LPARS
from inventory.facts.hmc.memory_lpar import MEMORY_LPAR
from inventory.facts.hmc.memory_system import MEMORY_SYSTEM
from inventory.facts.hmc.processors_lpar import PROCESSORS_LPAR
from inventory.facts.hmc.processors_system import PROCESSORS_SYSTEM
from liveupdate.knowledge.levels import Feature, allows
from liveupdate.lpar.subject import Subject
from liveupdate.lpar.surrogate import Amount, Reservation, total

PAGE_TABLE_SHARE = 64
"""The hypervisor keeps up to 1/64 of a partition's maximum memory for its page table."""
POOL_LIMIT = 2
"""Live Update may activate resources of an Enterprise Pool up to this many times the entitlement."""
IN_COMPLIANCE = "In compliance"
ORIGINAL = "_lku0"
Number = TypeVar("Number", int, Decimal)


class Fit(StrEnum):
    """Whether a surrogate finds room, and what it takes."""

    FREE = "free"
    AFTER_OTHERS = "after_others"
    BY_POOL = "by_pool"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Need:
    """What a surrogate takes: the LPAR's own memory and entitlement, and room for its page table."""

    memory_mb: int
    page_table_mb: int
    cores: Decimal

    @property
    def amount(self) -> Amount:
        """Everything that is gone for others."""
        return Amount(self.memory_mb + self.page_table_mb, self.cores)


@dataclass(frozen=True, slots=True)
class Activatable:
    """What the Enterprise Pool of a managed system could still activate on it; None where nobody knows.

    `pool` is its name, empty where the system shares none or the HMC does not say.
    """

    pool: str
    memory_mb: int | None
    cores: int | None


NO_POOL = Activatable("", 0, 0)


@dataclass(frozen=True, slots=True)
class Room:
    """What a managed system has now: in all, free, and what a pool could add.

    `started` are the partitions whose surrogate runs already, so that `free` no longer counts it.
    """

    configurable: Amount
    free: Amount
    more: Activatable
    started: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a surrogate needs, and what its managed system had when that was read.

    `fewer_cores`: Live Update may do with fewer than the surrogate needs, nobody knows how many.
    """

    need: Need
    room: Room
    fewer_cores: bool = False


def capacity_for(subject: Subject) -> Capacity:
    """The need and the room, by the newest answers. Raises FactMissing."""
    facts, system = subject.facts, subject.managed_system
    return Capacity(
        need=need_of(facts, system, subject.partition),
        room=room_on(facts, system, subject.managed_system_serial),
        fewer_cores=reduces_processors(subject),
    )


def need_of(facts: FactSet, system: str, partition: str) -> Need:
    """What the surrogate of a partition takes. Raises FactMissing."""
    memory = facts.value(MEMORY_LPAR, f"{system},{partition}")
    return Need(
        memory_mb=memory.current_mb,
        page_table_mb=-(-memory.maximum_mb // PAGE_TABLE_SHARE),
        cores=facts.value(PROCESSORS_LPAR, f"{system},{partition}").cores,
    )


def room_on(facts: FactSet, system: str, serial: str) -> Room:
    """What a managed system has, by its HMC's newest answers. Raises FactMissing."""
    memory, processors = facts.value(MEMORY_SYSTEM, system), facts.value(PROCESSORS_SYSTEM, system)
    return Room(
        configurable=Amount(memory.configurable_mb, processors.configurable),
        free=Amount(memory.available_mb, processors.available),
        more=activatable(facts, system, serial),
        started=surrogates_started(facts, system),
    )


def activatable(facts: FactSet, system: str, serial: str) -> Activatable:
    """What an Enterprise Pool could add: nothing without a pool, or with one that is out of compliance."""
    try:
        found = pool_of(facts, serial)
    except FactMissing:
        return Activatable("", None, None)
    if found is None:
        return NO_POOL
    pool, member = found
    if pool.state != IN_COMPLIANCE:
        return Activatable(pool.name, 0, 0)
    used_memory = activated(pool.memory_mb, pool.free_memory_mb, pool.unreturned_memory_mb)
    used_cores = activated(pool.cores, pool.free_cores, pool.unreturned_cores)
    return Activatable(
        pool.name,
        _more(pool.memory_mb, used_memory, _idle_memory(facts, system, member)),
        _more(pool.cores, used_cores, _idle_cores(facts, system, member)),
    )


def fit(needed: Number, free: Number, others: Number | None, more: int | None) -> Fit:
    """How one resource fits: `needed` of what is `free`, `others` reserved (None: nobody knows how much).

    What the pool adds counts only where it is known.
    """
    if free >= needed:
        return Fit.FREE if others is not None and free - others >= needed else Fit.AFTER_OTHERS
    return Fit.BY_POOL if more and free + more >= needed else Fit.NONE


def shortage(capacity: Capacity, others: tuple[Reservation, ...]) -> str:
    """Why a surrogate cannot be made beside the `others` now, as a sentence; empty when it can.

    A reservation of a surrogate that runs already is part of what is no longer free.
    """
    unknown = [each.holder for each in others if each.amount is None]
    if unknown:
        return f"Nobody knows how much capacity {', '.join(unknown)} takes."
    reserved = total(others)
    assert reserved is not None
    need, room = capacity.need, capacity.room
    memory = room.free.memory_mb + (room.more.memory_mb or 0) - reserved.memory_mb
    cores = room.free.cores + (room.more.cores or 0) - reserved.cores
    lacking = []
    if memory < need.memory_mb:
        lacking.append(f"{need.memory_mb} MB of memory, and {max(memory, 0)} MB are left")
    if cores < need.cores and not capacity.fewer_cores:
        lacking.append(f"{need.cores} cores, and {max(cores, Decimal(0))} are left")
    if not lacking:
        return ""
    held = f" beside {', '.join(each.holder for each in others)}" if others else ""
    return f"The surrogate needs {'; and '.join(lacking)}{held}."


def reduces_processors(subject: Subject) -> bool:
    """Whether `lvupdate.data` lets Live Update do with fewer processors, and AIX knows how.

    Raises FactMissing.
    """
    wanted = subject.value(LVUPDATE_DATA).get("general", "cpu_reduction").lower() == "yes"
    return wanted and allows(Feature.CPU_REDUCTION, subject.value(OSLEVEL))


def pool_of(facts: FactSet, serial: str) -> tuple[CodPool, CodPoolSystem] | None:
    """The Enterprise Pool of a managed system, and the system in it; None without. Raises FactMissing."""
    for pool in facts.value(COD_POOLS):
        for member in facts.value(COD_POOL_SYSTEMS, pool.name):
            if member.serial == serial:
                return pool, member
    return None


def activated(entitled: int | None, free: int | None, unreturned: int | None) -> int | None:
    """How much of a pool's resource is activated on its systems; None where the HMC leaves it out."""
    return None if entitled is None or free is None else entitled - free + (unreturned or 0)


def _idle_memory(facts: FactSet, system: str, member: CodPoolSystem) -> int | None:
    """Memory that is built in and not activated, by the pool's list or by the system's own figures."""
    if member.inactive_memory_mb is not None:
        return member.inactive_memory_mb
    with suppress(FactMissing):
        memory = facts.value(MEMORY_SYSTEM, system)
        return None if memory.installed_mb is None else memory.installed_mb - memory.configurable_mb
    return None


def _idle_cores(facts: FactSet, system: str, member: CodPoolSystem) -> int | None:
    """The same of processors."""
    if member.inactive_cores is not None:
        return member.inactive_cores
    with suppress(FactMissing):
        found = facts.value(PROCESSORS_SYSTEM, system)
        return None if found.installed is None else int(found.installed - found.configurable)
    return None


def _more(entitled: int | None, used: int | None, idle: int | None) -> int | None:
    """What of a pool may still be activated where `idle` is built in; None where a number is missing."""
    if entitled is None or used is None or idle is None:
        return None
    return max(0, min(idle, POOL_LIMIT * entitled - used))


def surrogates_started(facts: FactSet, system: str) -> frozenset[str]:
    """The partitions with a surrogate that was activated before memory and processors were asked for."""
    if not _before(facts, LPARS, MEMORY_SYSTEM, system) or not _before(
        facts, LPARS, PROCESSORS_SYSTEM, system
    ):
        return frozenset()
    try:
        states = {lpar.name: lpar.state for lpar in facts.value(LPARS, system)}
    except FactMissing:
        return frozenset()
    return frozenset(
        name
        for name, state in states.items()
        if f"{name}{ORIGINAL}" in states and state not in ("Not Activated", "Not Available")
    )


def _before(facts: FactSet, first: Fact[Any], second: Fact[Any], key: str) -> bool:
    one, other = facts.reading(first, key), facts.reading(second, key)
    return one is not None and other is not None and one.read_at <= other.read_at
