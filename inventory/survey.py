"""Asks an LPAR and its HMC for every fact, both at the same time. Touches no database."""

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from inventory.command import UnsafeArgument, hmc
from inventory.facts.aix.hmcauth import HMCAUTH
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.lvupdate_data import LVUPDATE_DATA
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import Fact, FactMissing, FactSet, HostKind
from inventory.facts.catalogue import facts_of
from inventory.facts.hmc.cod_pools import COD_POOLS
from inventory.facts.hmc.managed_systems import MANAGED_SYSTEMS
from inventory.gathering import read_facts, unread
from inventory.serving import serving_vioses
from inventory.transport.connection import Connection, connect
from inventory.transport.endpoint import Endpoint
from portal.lib.errors import PortalError

Parameters = Mapping[str, Sequence[str]]
GROUPS: Parameters = {"volume_group": ["rootvg"]}
FOUND_ON_HMC = frozenset({"vios", "cod_pool"})
"""Parameters whose values the HMC's first answers tell."""
_HOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,252}")


@dataclass(frozen=True, slots=True)
class Known:
    """What the inventory says of an LPAR: names that hold until the hosts give others."""

    name: str
    managed_system: str
    serial: str
    hmc_user: str


@dataclass(frozen=True, slots=True)
class Answers:
    """The readings from one host, and why there was no connection if so."""

    facts: FactSet
    problem: PortalError | None = None


def survey(lpar: Endpoint, console: Endpoint, known: Known) -> tuple[Answers, Answers]:
    """What the LPAR and its HMC answer; what cannot be read is a reading that says why.

    The HMC is asked for the partition by the name that the LPAR itself gives, which comes first.
    """
    partition: Future[str] = Future()
    with ThreadPoolExecutor(2, "survey") as pool:
        on_lpar = pool.submit(_ask_lpar, lpar, console.address, known, partition)
        on_console = pool.submit(_ask_console, console, known, partition)
        return on_lpar.result(), on_console.result()


def system_name(facts: FactSet, serial: str, otherwise: str) -> str:
    """What the HMC calls the managed system of this serial number today."""
    try:
        systems = facts.value(MANAGED_SYSTEMS)
    except FactMissing:
        return otherwise
    return next((system.name for system in systems if system.serial == serial), otherwise)


def _ask_lpar(endpoint: Endpoint, console: str, known: Known, partition: Future[str]) -> Answers:
    plain, keyed = _facts(HostKind.LPAR)
    others = [fact for fact in plain if fact is not UNAME_L]
    facts = FactSet()
    try:
        with connect(endpoint) as connection:
            _read(connection, facts, [UNAME_L], {})
            partition.set_result(_partition(facts, known.name))
            _read(connection, facts, others, {})
            parameters = {**GROUPS, "disk": _disks(facts), "console": _consoles(facts, console)}
            _read(connection, facts, keyed, parameters)
    except PortalError as error:
        return _no_answers(endpoint, [*plain, *keyed], GROUPS, error)
    finally:
        if not partition.done():
            partition.set_result(known.name)
    return Answers(facts)


def _ask_console(endpoint: Endpoint, known: Known, partition: Future[str]) -> Answers:
    plain, keyed = _facts(HostKind.HMC)
    facts = FactSet()

    def parameters() -> Parameters:
        return {
            "managed_system": [system_name(facts, known.serial, known.managed_system)],
            "lpar_name": [partition.result()],
            "hmc_user": [known.hmc_user],
        }

    try:
        with connect(endpoint) as connection:
            _read(connection, facts, plain, {})
            names = parameters()
            _read(connection, facts, keyed, names)
            later = [fact for fact in keyed if FOUND_ON_HMC.intersection(fact.params)]
            _read(connection, facts, later, _found_on(facts, names))
    except PortalError as error:
        return _no_answers(endpoint, [*plain, *keyed], parameters(), error)
    return Answers(facts)


def _facts(kind: HostKind) -> tuple[list[Fact[Any]], list[Fact[Any]]]:
    """Those without parameters, and those whose parameters' values the former tell."""
    facts = [fact for fact in facts_of(kind) if not fact.discovery]
    return [fact for fact in facts if not fact.params], [fact for fact in facts if fact.params]


def _read(connection: Connection, into: FactSet, facts: Iterable[Fact[Any]], parameters: Parameters) -> None:
    for reading in read_facts(connection, connection.endpoint.name, facts, parameters):
        into.add(reading)


def _no_answers(
    endpoint: Endpoint, facts: Iterable[Fact[Any]], parameters: Parameters, error: PortalError
) -> Answers:
    none = FactSet()
    for reading in unread(endpoint.name, facts, parameters, error):
        none.add(reading)
    return Answers(none, error)


def _partition(facts: FactSet, otherwise: str) -> str:
    try:
        return facts.value(UNAME_L).name
    except FactMissing:
        return otherwise


def _found_on(facts: FactSet, names: Parameters) -> Parameters:
    """What the HMC's first answers tell to ask for: the VIOSs that serve the LPAR, the Enterprise Pools."""
    (system,), (partition,) = names["managed_system"], names["lpar_name"]
    vioses: Iterable[str] = ()
    pools: Iterable[str] = ()
    with suppress(FactMissing):
        vioses = sorted(serving_vioses(facts, system, partition))
    with suppress(FactMissing):
        pools = sorted(pool.name for pool in facts.value(COD_POOLS))
    return {"managed_system": [system], "vios": _sayable(vioses), "cod_pool": _sayable(pools)}


def _sayable(names: Iterable[str]) -> list[str]:
    """Those of the names that an HMC's restricted shell lets through."""
    sayable = []
    for name in names:
        with suppress(UnsafeArgument):
            hmc("lssyscfg", name)
            sayable.append(name)
    return sayable


def _consoles(facts: FactSet, address: str) -> list[str]:
    """How the LPAR itself calls its HMC: by its sessions, by `lvupdate.data`, else as the portal does."""
    called = []
    with suppress(FactMissing):
        called += [session.address for session in facts.value(HMCAUTH)]
    with suppress(FactMissing):
        called.append(facts.value(LVUPDATE_DATA).get("hmc", "management_console"))
    named = [name for name in called if _HOST_NAME.fullmatch(name)]
    return [address] if address in named else [*named, address][:1]


def _disks(facts: FactSet) -> list[str]:
    try:
        return [disk.name for disk in facts.value(LSPV)]
    except FactMissing:
        return []
