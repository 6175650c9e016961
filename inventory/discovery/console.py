"""Asks an HMC for all that it knows: a few commands, and a few more for each managed system."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from inventory.command import UnsafeArgument, hmc
from inventory.facts.base import Fact, FactMissing, FactSet, Reading, ReadingState
from inventory.facts.hmc.cod_pool_systems import COD_POOL_SYSTEMS
from inventory.facts.hmc.cod_pools import COD_POOLS
from inventory.facts.hmc.dlpar import DLPAR
from inventory.facts.hmc.hmc_users import HMC_USERS
from inventory.facts.hmc.hmc_version import HMC_VERSION
from inventory.facts.hmc.managed_systems import MANAGED_SYSTEMS
from inventory.facts.hmc.memory_system import MEMORY_SYSTEM
from inventory.facts.hmc.partition_attributes import PARTITION_ATTRIBUTES
from inventory.facts.hmc.partitions import PARTITIONS
from inventory.facts.hmc.partitions_memory import PARTITIONS_MEMORY
from inventory.facts.hmc.partitions_processors import PARTITIONS_PROCESSORS
from inventory.facts.hmc.processor_pools import PROCESSOR_POOLS
from inventory.facts.hmc.processors_system import PROCESSORS_SYSTEM
from inventory.facts.hmc.system_profiles import SYSTEM_PROFILES
from inventory.facts.hmc.systems import SYSTEMS, System
from inventory.facts.hmc.vios_level import VIOS_LEVEL
from inventory.facts.partition import Partition
from inventory.gathering import read_facts, unread
from inventory.looking import Look
from inventory.survey import Answers
from inventory.transport.endpoint import Endpoint
from portal.lib.errors import PortalError

Progress = Callable[[int, int], None]
OF_HMC: tuple[Fact[Any], ...] = (SYSTEMS, HMC_VERSION, HMC_USERS, DLPAR, COD_POOLS)
OF_SYSTEM: tuple[Fact[Any], ...] = (
    *(PARTITIONS_MEMORY, PARTITIONS_PROCESSORS, MEMORY_SYSTEM, PROCESSORS_SYSTEM),
    *(PROCESSOR_POOLS, SYSTEM_PROFILES),
)
VIOS_ENV = "vioserver"
LONGEST_NAME = 60


def read_console(endpoint: Endpoint, progress: Progress) -> Answers:
    """What the HMC answers; what cannot be read is a reading that says why, and costs nothing else.

    `progress` is told how many of how many managed systems were read.
    """
    facts = FactSet()
    try:
        with Look(endpoint) as look:
            _read(look, facts, OF_HMC, {})
            if _is_refused(facts, SYSTEMS, ""):
                _read(look, facts, [MANAGED_SYSTEMS], {})
            systems = _systems_if_any(facts)
            for number, system in enumerate(systems):
                progress(number, len(systems))
                _read_system(look, facts, address_of(system))
            pools = [pool.name for pool in listed(facts, COD_POOLS)]
            _read(look, facts, [COD_POOL_SYSTEMS], {"cod_pool": list(filter(_sendable, pools))})
    except PortalError as error:
        for reading in unread(endpoint.name, OF_HMC, {}, error):
            facts.add(reading)
        return Answers(facts, error)
    return Answers(facts)


def address_of(system: System) -> str:
    """How the HMC is asked for a managed system: by its name, or by what no shell can misread."""
    return system.name if _sendable(system.name) else f"{system.type_model}*{system.serial}"


def systems_of(facts: FactSet) -> tuple[System, ...]:
    """The managed systems, from whichever list the HMC gave. Raises FactMissing."""
    if facts.reading(MANAGED_SYSTEMS) is None:
        return facts.value(SYSTEMS)
    return tuple(
        System(each.name, "", each.serial, each.state, None) for each in facts.value(MANAGED_SYSTEMS)
    )


def partitions_of(facts: FactSet, system: str) -> tuple[Partition, ...]:
    """A managed system's partitions, from whichever list the HMC gave. Raises FactMissing."""
    fact = PARTITIONS if facts.reading(PARTITION_ATTRIBUTES, system) is None else PARTITION_ATTRIBUTES
    return facts.value(fact, system)


def list_of(facts: FactSet, system: str) -> Reading | None:
    """The reading that holds a managed system's partitions."""
    return facts.reading(PARTITION_ATTRIBUTES, system) or facts.reading(PARTITIONS, system)


def listed(facts: FactSet, fact: Fact[tuple[Any, ...]], key: str = "") -> tuple[Any, ...]:
    """What a fact lists; nothing where it was not read."""
    try:
        return facts.value(fact, key)
    except FactMissing:
        return ()


def _read_system(look: Look, facts: FactSet, system: str) -> None:
    asked = {"managed_system": [system]}
    _read(look, facts, [PARTITIONS], asked)
    if _is_refused(facts, PARTITIONS, system):
        _read(look, facts, [PARTITION_ATTRIBUTES], asked)
    _read(look, facts, OF_SYSTEM, asked)
    try:
        found = partitions_of(facts, system)
    except FactMissing:
        return
    running = [each.name for each in found if each.env == VIOS_ENV and each.rmc_state == "active"]
    _read(look, facts, [VIOS_LEVEL], {**asked, "vios": list(filter(_sendable, running))})


def _systems_if_any(facts: FactSet) -> tuple[System, ...]:
    try:
        return systems_of(facts)
    except FactMissing:
        return ()


def _is_refused(facts: FactSet, fact: Fact[Any], key: str) -> bool:
    """Whether the HMC answered something else, as it does when it does not know a column."""
    reading = facts.reading(fact, key)
    return reading is not None and reading.state is ReadingState.UNPARSABLE


def _read(
    look: Look,
    into: FactSet,
    facts: Iterable[Fact[Any]],
    parameters: Mapping[str, Sequence[str]],
) -> None:
    for reading in read_facts(look, facts, parameters):
        into.add(reading)


def _sendable(word: str) -> bool:
    """Whether the HMC's restricted shell takes this word, and it is no longer than names are."""
    if len(word) > LONGEST_NAME:
        return False
    try:
        hmc("lssyscfg", word)
    except UnsafeArgument:
        return False
    return True
