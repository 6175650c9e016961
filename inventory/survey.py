"""Asks an LPAR, its HMC and its NIM master for every fact, all at the same time. Touches no database."""

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from inventory.command import UnsafeArgument, hmc
from inventory.facts.aix.niminfo import NIMINFO
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import Fact, FactMissing, FactSet, HostKind
from inventory.facts.catalogue import facts_of
from inventory.facts.hmc.cod_pools import COD_POOLS
from inventory.facts.hmc.managed_systems import MANAGED_SYSTEMS
from inventory.facts.hmc.virtual_scsi import VIRTUAL_SCSI
from inventory.facts.nim.nim_ifix import NIM_IFIX
from inventory.facts.nim.nim_live_update_data import NIM_LIVE_UPDATE_DATA
from inventory.facts.nim.nim_object import NIM_OBJECT
from inventory.facts.nim_objects import management_profile
from inventory.gathering import read_facts, unread
from inventory.looking import Look
from inventory.lpar_parameters import lpar_parameters
from inventory.serving import ANY, serving_vioses
from inventory.transport.endpoint import Endpoint
from portal.lib.errors import PortalError

Parameters = Mapping[str, Sequence[str]]
FOUND_ON_HMC = frozenset({"vios", "scsi_server", "cod_pool"})
"""Parameters whose values the HMC's first answers tell."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,252}")
"""What a host or a NIM object can be called."""
_PATH = re.compile(r"(?:/[A-Za-z0-9_+@%=:,.~-]{1,100}){1,20}")


@dataclass(frozen=True, slots=True)
class Known:
    """What the inventory says of an LPAR: names that hold until the hosts give others.

    `nim_name` is the object of the NIM master that was found to be this LPAR, empty until then;
    `nim_directory` is where the files of the master's `live_update_data` lie.
    `also` are values to read facts for besides those that every look reads, by the kind of host: the
    packages of interim fixes (`ifix_file`) and the objects of NIM (`nim_name`) that a request names.
    """

    name: str
    managed_system: str
    serial: str
    hmc_user: str
    nim_name: str = ""
    nim_directory: str = ""
    also: Mapping[HostKind, Parameters] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OwnNames:
    """What an LPAR calls itself: as a partition, and as a client of NIM."""

    partition: str
    nim: str


@dataclass(frozen=True, slots=True)
class Answers:
    """The readings from one host, and why there was no connection if so."""

    facts: FactSet
    problem: PortalError | None = None


def survey(
    lpar: Endpoint, console: Endpoint, known: Known, master: Endpoint | None = None
) -> tuple[Answers, ...]:
    """What the LPAR, its HMC and (if it has one) its NIM master answer, in this order.

    What cannot be read is a reading that says why. HMC and NIM master are asked for the LPAR by the
    names that it gives itself, which come first.
    """
    own: Future[OwnNames] = Future()
    with ThreadPoolExecutor(3, "survey") as pool:
        asked = [
            pool.submit(_ask_lpar, lpar, console.address, known, own),
            pool.submit(_ask_console, console, known, own),
        ]
        if master is not None:
            asked.append(pool.submit(_ask_master, master, known, own))
        return tuple(each.result() for each in asked)


def system_name(facts: FactSet, serial: str, otherwise: str) -> str:
    """What the HMC calls the managed system of this serial number today."""
    try:
        systems = facts.value(MANAGED_SYSTEMS)
    except FactMissing:
        return otherwise
    return next((system.name for system in systems if system.serial == serial), otherwise)


def nim_name(facts: FactSet, linked: str, otherwise: str) -> str:
    """What the NIM master calls the LPAR: as a discovery found, as the LPAR says, else as others call it."""
    if linked:
        return linked
    try:
        info = facts.value(NIMINFO)
    except FactMissing:
        return otherwise
    return info.name if info and _NAME.fullmatch(info.name) else otherwise


def data_object(client: str) -> str:
    """What the `live_update_data` of a NIM client is called, which no other client has."""
    return f"liveupdate_data_{client}"


def data_location(facts: FactSet, client: str, directory: str) -> str:
    """Where the file of a client's `live_update_data` lies, or is to lie while there is no such resource."""
    name = data_object(client)
    with suppress(FactMissing):
        known = facts.value(NIM_OBJECT, name)
        if known is not None and _PATH.fullmatch(known.get("location")):
            return known.get("location")
    return f"{directory.rstrip('/')}/{name}"


def _ask_lpar(endpoint: Endpoint, console: str, known: Known, own: Future[OwnNames]) -> Answers:
    plain, keyed = _facts(HostKind.LPAR)
    first = (UNAME_L, NIMINFO)
    others = [fact for fact in plain if fact not in first]
    facts = FactSet()

    def parameters() -> Parameters:
        return {**lpar_parameters(facts, console), **known.also.get(HostKind.LPAR, {})}

    try:
        with Look(endpoint) as look:
            look.require_posix_shell()
            _read(look, facts, first, {})
            own.set_result(_own_names(facts, known))
            _read(look, facts, others, {})
            _read(look, facts, keyed, parameters())
    except PortalError as error:
        return _no_answers(endpoint, [*plain, *keyed], parameters(), error)
    finally:
        if not own.done():
            own.set_result(_own_names(facts, known))
    return Answers(facts)


def _ask_console(endpoint: Endpoint, known: Known, own: Future[OwnNames]) -> Answers:
    plain, keyed = _facts(HostKind.HMC)
    facts = FactSet()

    def parameters() -> Parameters:
        return {
            "managed_system": [system_name(facts, known.serial, known.managed_system)],
            "lpar_name": [own.result().partition],
            "hmc_user": [known.hmc_user],
        }

    try:
        with Look(endpoint) as look:
            _read(look, facts, plain, {})
            names = parameters()
            _read(look, facts, keyed, names)
            later = [fact for fact in keyed if FOUND_ON_HMC.intersection(fact.params)]
            _read(look, facts, later, _found_on(facts, names))
    except PortalError as error:
        return _no_answers(endpoint, [*plain, *keyed], parameters(), error)
    return Answers(facts)


def _ask_master(endpoint: Endpoint, known: Known, own: Future[OwnNames]) -> Answers:
    """What the NIM master knows of this LPAR, and of the HMC and managed system that it is linked to.

    And its `live_update_data` with the file behind it.
    """
    plain, _ = _facts(HostKind.NIM_MASTER)
    facts = FactSet()
    also, more = known.also.get(HostKind.NIM_MASTER, {}), (NIM_OBJECT, NIM_IFIX)
    try:
        with Look(endpoint) as look:
            look.require_posix_shell()
            _read(look, facts, plain, {})
            name = own.result().nim
            data = data_object(name)
            _read(look, facts, [NIM_OBJECT], {"nim_name": [name, data]})
            _read(look, facts, [NIM_OBJECT], {"nim_name": _managers(facts, name)})
            file = data_location(facts, name, known.nim_directory)
            _read(look, facts, [NIM_LIVE_UPDATE_DATA], {"data_file": [file]})
            _read(look, facts, more, also)
    except PortalError as error:
        names = [own.result().nim, *also.get("nim_name", ())]
        return _no_answers(endpoint, [*plain, *more], {**also, "nim_name": names}, error)
    return Answers(facts)


def _managers(facts: FactSet, name: str) -> list[str]:
    """The NIM objects of the HMC and of the managed system that an LPAR's object names."""
    try:
        client = facts.value(NIM_OBJECT, name)
    except FactMissing:
        return []
    profile = management_profile(client) if client else None
    named = (profile.hmc, profile.managed_system) if profile else ()
    return [each for each in named if _NAME.fullmatch(each)]


def _facts(kind: HostKind) -> tuple[list[Fact[Any]], list[Fact[Any]]]:
    """Those without parameters, and those whose parameters' values the former tell."""
    facts = [fact for fact in facts_of(kind) if not fact.discovery]
    return [fact for fact in facts if not fact.params], [fact for fact in facts if fact.params]


def _read(look: Look, into: FactSet, facts: Iterable[Fact[Any]], parameters: Parameters) -> None:
    for reading in read_facts(look, facts, parameters):
        into.add(reading)


def _no_answers(
    endpoint: Endpoint, facts: Iterable[Fact[Any]], parameters: Parameters, error: PortalError
) -> Answers:
    none = FactSet()
    for reading in unread(endpoint.name, facts, parameters, error):
        none.add(reading)
    return Answers(none, error)


def _own_names(facts: FactSet, known: Known) -> OwnNames:
    try:
        partition = facts.value(UNAME_L).name
    except FactMissing:
        partition = known.name
    return OwnNames(partition, nim_name(facts, known.nim_name, known.name))


def _found_on(facts: FactSet, names: Parameters) -> Parameters:
    """What the HMC's first answers tell to ask for: the VIOSs that serve the LPAR, the Enterprise Pools."""
    (system,), (partition,) = names["managed_system"], names["lpar_name"]
    vioses: Iterable[str] = ()
    servers: Iterable[str] = ()
    pools: Iterable[str] = ()
    with suppress(FactMissing):
        vioses = sorted(serving_vioses(facts, system, partition))
    with suppress(FactMissing):
        servers = sorted(
            {each.vios for each in facts.value(VIRTUAL_SCSI, f"{system},{partition}")} - {ANY, ""}
        )
    with suppress(FactMissing):
        pools = sorted(pool.name for pool in facts.value(COD_POOLS))
    return {
        "managed_system": [system],
        "vios": _sayable(vioses),
        "scsi_server": _sayable(servers),
        "cod_pool": _sayable(pools),
    }


def _sayable(names: Iterable[str]) -> list[str]:
    """Those of the names that an HMC's restricted shell lets through."""
    sayable = []
    for name in names:
        with suppress(UnsafeArgument):
            hmc("lssyscfg", name)
            sayable.append(name)
    return sayable
