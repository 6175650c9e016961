"""What an HMC's answers say of its managed systems, and how far they can be trusted to be all of it."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from inventory.discovery.console import address_of, list_of, listed, partitions_of, systems_of
from inventory.facts.base import Fact, FactMissing, FactSet, Value
from inventory.facts.hmc.hmc_users import HMC_USERS
from inventory.facts.hmc.memory_system import MEMORY_SYSTEM, SystemMemory
from inventory.facts.hmc.partitions_memory import PARTITIONS_MEMORY
from inventory.facts.hmc.partitions_processors import PARTITIONS_PROCESSORS
from inventory.facts.hmc.processor_pools import PROCESSOR_POOLS, ProcessorPool
from inventory.facts.hmc.processors_system import PROCESSORS_SYSTEM, SystemProcessors
from inventory.facts.hmc.systems import SYSTEMS, System
from inventory.facts.hmc.vios_level import VIOS_LEVEL
from inventory.facts.partition import Partition

_SERIAL = re.compile(r"[A-Z0-9]{4,20}")
_ALL = frozenset({"ALL:", "ALL", "AllSystemResources"})
"""Resource roles of an HMC user that sees everything."""
_KNOWS_ALL = frozenset({"Operating", "Standby", "Power Off"})
"""States of a managed system in which its HMC knows every partition."""


@dataclass(frozen=True, slots=True)
class FoundPartition:
    """A partition with its memory (MB), cores and, for a VIOS, level; None and empty are unknown."""

    partition: Partition
    memory_mb: int | None = None
    cores: Decimal | None = None
    level: str = ""


@dataclass(frozen=True, slots=True)
class FoundSystem:
    """A managed system. Only a list that `is_whole` may leave out what is gone.

    `partitions` is None when the list was not read; `problem` says why it was not, or is not whole.
    """

    system: System
    read_at: datetime
    partitions: tuple[FoundPartition, ...] | None
    problem: str
    memory: SystemMemory | None = None
    processors: SystemProcessors | None = None
    pools: tuple[ProcessorPool, ...] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether what the list does not hold is not there."""
        return self.partitions is not None and not self.problem


@dataclass(frozen=True, slots=True)
class Estate:
    """The managed systems of an HMC that tell their serial number; `problems` are about the others.

    `caution` says why the HMC may not show everything to the account that asked.
    """

    systems: tuple[FoundSystem, ...]
    is_whole: bool
    problems: tuple[str, ...] = field(default=())
    caution: str = ""


def estate_of(facts: FactSet, account: str = "") -> Estate:
    """What the answers to this HMC user say. Raises FactMissing when the managed systems were not told."""
    systems = systems_of(facts)
    named = [system for system in systems if _SERIAL.fullmatch(system.serial)]
    serials = [system.serial for system in named]
    distinct = [system for system in named if serials.count(system.serial) == 1]
    return Estate(
        systems=tuple(_found(facts, system) for system in distinct),
        is_whole=bool(systems) and len(distinct) == len(systems),
        problems=tuple(
            f"{system.name} is {system.state}: the HMC does not tell its serial number alone."
            for system in systems
            if system not in distinct
        ),
        caution=_caution(facts, account),
    )


def _caution(facts: FactSet, account: str) -> str:
    for user in listed(facts, HMC_USERS):
        if user.name == account and user.resource_role not in _ALL:
            return f"The HMC user {account} sees only what its resource role {user.resource_role} holds."
    return ""


def _found(facts: FactSet, system: System) -> FoundSystem:
    key = address_of(system)
    reading = list_of(facts, key) or facts.readings[(SYSTEMS.name, "")]
    partitions, problem = _partitions(facts, key)
    return FoundSystem(
        system=system,
        read_at=reading.read_at,
        partitions=partitions,
        problem=problem or _doubt(facts, system, partitions or ()),
        memory=_value(facts, MEMORY_SYSTEM, key),
        processors=_value(facts, PROCESSORS_SYSTEM, key),
        pools=_value(facts, PROCESSOR_POOLS, key),
    )


def _partitions(facts: FactSet, key: str) -> tuple[tuple[FoundPartition, ...] | None, str]:
    try:
        found = partitions_of(facts, key)
    except FactMissing as missing:
        return None, f"Its partitions could not be read: {missing.reason}"
    memory = {each.lpar_id: each.memory_mb for each in listed(facts, PARTITIONS_MEMORY, key)}
    cores = {each.lpar_id: each.cores for each in listed(facts, PARTITIONS_PROCESSORS, key)}
    return (
        tuple(
            FoundPartition(
                partition=each,
                memory_mb=memory.get(each.lpar_id),
                cores=cores.get(each.lpar_id),
                level=_value(facts, VIOS_LEVEL, f"{key},{each.name}") or "",
            )
            for each in found
        ),
        "",
    )


def _doubt(facts: FactSet, system: System, partitions: tuple[FoundPartition, ...]) -> str:
    """Why a list that was understood may still not hold every partition; empty when it does.

    The HMC lists the partitions' memory and processors by commands of their own: whoever is there must
    be in the list of partitions too.
    """
    key = address_of(system)
    if system.state not in _KNOWS_ALL:
        return f"The HMC says {system.state}: it may not know every partition now."
    if not partitions:
        return "The HMC lists no partition at all."
    ids = {each.partition.lpar_id for each in partitions}
    second: tuple[Fact[tuple[Any, ...]], ...] = (PARTITIONS_MEMORY, PARTITIONS_PROCESSORS)
    for fact in second:
        try:
            others = {each.lpar_id for each in facts.value(fact, key)}
        except FactMissing as missing:
            return f"The list of partitions could not be compared with a second one: {missing.reason}"
        if missing_ids := sorted(others - ids):
            return f"The list of partitions lacks number {missing_ids[0]}, which {fact.name} has."
    return ""


def _value(facts: FactSet, fact: Fact[Value], key: str) -> Value | None:
    try:
        return facts.value(fact, key)
    except FactMissing:
        return None
