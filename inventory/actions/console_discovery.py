"""The discovery of what an HMC manages: read it, compare it with the inventory, keep both."""

from collections.abc import Callable
from functools import partial

from inventory.actions.facts import note_contact
from inventory.actions.readings import keep_readings
from inventory.actions.settling import settle
from inventory.actions.sightings import keep_cod_pools, keep_sightings, keep_systems
from inventory.discovery.console import read_console
from inventory.discovery.differences import KnownPartition, KnownSystem, serial_of
from inventory.discovery.estate import Estate, estate_of
from inventory.discovery.partitions import compare_partitions
from inventory.discovery.systems import compare_systems
from inventory.endpoints import looking_endpoint_of
from inventory.facts.base import FactMissing, FactSet, ReadingState
from inventory.facts.hmc.hmc_version import HMC_VERSION
from inventory.models import Discovered, Discovery, Hmc, Lpar, ManagedSystem, Vios
from portal.audit.actor import Actor


def discover_console(discovery: Discovery, actor: Actor) -> Callable[[], None]:
    """Read the HMC; returns what keeps it in the caller's transaction and sets how the discovery ended."""
    host = discovery.host
    answers = read_console(looking_endpoint_of(host), partial(_show_progress, discovery.pk))
    note_contact(host, answers.problem, actor)
    return partial(_keep, discovery, answers.facts, actor)


def _keep(discovery: Discovery, facts: FactSet, actor: Actor) -> None:
    host = discovery.host
    list(ManagedSystem.objects.select_for_update())
    keep_readings(host, {host.name: host}, facts.readings.values())
    discovery.commands = sum(not _is_unsent(reading.state) for reading in facts.readings.values())
    try:
        estate = estate_of(facts, host.looking_account or host.account)
    except FactMissing as missing:
        discovery.state, discovery.problem = Discovery.State.FAILED, missing.reason
        return
    _keep_estate(discovery, estate, facts, actor)
    problems = [*estate.problems, *(f"{s.system.name}: {s.problem}" for s in estate.systems if s.problem)]
    discovery.state = Discovery.State.PARTIAL if problems else Discovery.State.DONE
    discovery.problem = "\n".join(problems)


def _keep_estate(discovery: Discovery, estate: Estate, facts: FactSet, actor: Actor) -> None:
    hmc: Hmc = discovery.host.hmc
    partitions = compare_partitions(estate, known_partitions())
    systems = compare_systems(estate, _known_systems(), hmc.host.name)
    read = {each.system.serial for each in estate.systems if each.partitions is not None}

    def is_read(kind: str, identity: str) -> bool:
        return estate.is_whole if kind == Discovered.Kind.MANAGED_SYSTEM else serial_of(identity) in read

    settle(discovery, [*systems, *partitions.differences], is_read, actor)
    keep_sightings(partitions.sightings)
    keep_systems(estate)
    keep_cod_pools(hmc, facts)
    _keep_version(hmc, facts)
    listed = [each for system in estate.systems for each in system.partitions or ()]
    discovery.found = {
        "managed_systems": len(estate.systems),
        "read": len(read),
        "partitions": len(listed),
        "known": len(partitions.sightings),
        "updating": partitions.updating,
    }


def known_partitions() -> list[KnownPartition]:
    """LPARs and VIOSs of the inventory, retired ones too."""
    lpars = Lpar.objects.select_related("host", "managed_system")
    vioses = Vios.objects.select_related("managed_system")
    return [
        *(
            KnownPartition(
                row=lpar.pk,
                kind=Discovered.Kind.LPAR.value,
                serial=lpar.managed_system.serial,
                name=lpar.partition_name or lpar.host.name,
                uuid=lpar.uuid,
                logical_serial=lpar.logical_serial,
                surrogate_uuid=lpar.surrogate_uuid,
                lpar_id=lpar.lpar_id,
                is_retired=lpar.retired_at is not None,
                seen_at=lpar.seen_at,
            )
            for lpar in lpars
        ),
        *(
            KnownPartition(
                row=vios.pk,
                kind=Discovered.Kind.VIOS.value,
                serial=vios.managed_system.serial,
                name=vios.name,
                uuid=vios.uuid,
                logical_serial=vios.logical_serial,
                lpar_id=vios.lpar_id,
                is_retired=vios.retired_at is not None,
                seen_at=vios.seen_at,
            )
            for vios in vioses
        ),
    ]


def _known_systems() -> list[KnownSystem]:
    return [
        KnownSystem(
            row=system.pk,
            serial=system.serial,
            name=system.name,
            type_model=system.type_model,
            hmcs=frozenset(hmc.host.name for hmc in system.hmcs.all()),
        )
        for system in ManagedSystem.objects.prefetch_related("hmcs__host")
    ]


def _keep_version(hmc: Hmc, facts: FactSet) -> None:
    try:
        hmc.version = facts.value(HMC_VERSION).base_version[:40]
    except FactMissing:
        return
    hmc.save(update_fields=["version"])


def _show_progress(pk: int, done: int, of: int) -> None:
    Discovery.objects.filter(pk=pk).update(found={"read": done, "managed_systems": of})


def _is_unsent(state: ReadingState) -> bool:
    return state in (ReadingState.UNREACHABLE, ReadingState.REFUSED)
