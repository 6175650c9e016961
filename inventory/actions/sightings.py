"""Keep what an HMC said of what the inventory knows: states, sizes, and what managed systems have free."""

from collections.abc import Iterable

from inventory.actions.settling import supersede_answered
from inventory.discovery.differences import Sighting
from inventory.discovery.estate import Estate, FoundSystem
from inventory.facts.base import FactMissing, FactSet
from inventory.facts.hmc.cod_pool_systems import COD_POOL_SYSTEMS
from inventory.facts.hmc.cod_pools import COD_POOLS
from inventory.models import CodPool, Hmc, Lpar, ManagedSystem, ProcessorPool, SystemCapacity, Vios
from portal.lib.clock import now

UPDATING = "Live Update in progress"
"""The state of an LPAR while the HMC lists its original and its surrogate."""
_OF_BOTH = ("logical_serial", "lpar_id", "rmc_state", "seen_at")
_AT_ONCE = 200


def keep_sightings(sightings: Iterable[Sighting]) -> None:
    """Repeat on LPARs and VIOSs what the HMC said; of a Live Update only that it goes on."""
    seen = {(each.kind, each.row): each for each in sightings}
    lpars = Lpar.objects.in_bulk([row for kind, row in seen if kind == "lpar"])
    vioses = Vios.objects.in_bulk([row for kind, row in seen if kind == "vios"])
    for row, lpar in lpars.items():
        _saw_lpar(lpar, seen["lpar", row])
    for row, vios in vioses.items():
        _saw_vios(vios, seen["vios", row])
    of_lpar = ("partition_name", "partition_state", "memory_mb", "cores", "surrogate_uuid")
    of_vios = ("name", "state", "address", "level", "level_read_at")
    Lpar.objects.bulk_update(lpars.values(), [*_OF_BOTH, *of_lpar], batch_size=_AT_ONCE)
    supersede_answered(lpars.values())
    Vios.objects.bulk_update(vioses.values(), [*_OF_BOTH, *of_vios], batch_size=_AT_ONCE)


def _saw_lpar(lpar: Lpar, sighting: Sighting) -> None:
    lpar.seen_at = sighting.read_at
    if sighting.is_updating:
        lpar.partition_state = UPDATING
        lpar.surrogate_uuid = sighting.surrogate_uuid or lpar.surrogate_uuid
        return
    partition = sighting.found.partition
    lpar.partition_name, lpar.partition_state = partition.name, partition.state[:40]
    lpar.rmc_state, lpar.lpar_id = partition.rmc_state[:20], partition.lpar_id
    lpar.logical_serial, lpar.surrogate_uuid = partition.logical_serial, ""
    lpar.memory_mb, lpar.cores = sighting.found.memory_mb, sighting.found.cores


def _saw_vios(vios: Vios, sighting: Sighting) -> None:
    partition = sighting.found.partition
    vios.seen_at = sighting.read_at
    vios.name, vios.state, vios.rmc_state = partition.name, partition.state[:40], partition.rmc_state[:20]
    vios.lpar_id, vios.logical_serial = partition.lpar_id, partition.logical_serial
    vios.address = partition.address or vios.address
    if sighting.found.level:
        vios.level, vios.level_read_at = sighting.found.level, sighting.read_at


def keep_systems(estate: Estate) -> None:
    """State, problem and capacity of each managed system; what was not told keeps its old value and time."""
    rows = {row.serial: row for row in ManagedSystem.objects.all()}
    for found in estate.systems:
        system = rows[found.system.serial]
        system.state, system.problem, system.seen_at = found.system.state[:80], found.problem, found.read_at
        system.save(update_fields=["state", "problem", "seen_at"])
        _keep_capacity(system, found)
        _keep_pools(system, found)


def _keep_capacity(system: ManagedSystem, found: FoundSystem) -> None:
    capacity, _ = SystemCapacity.objects.get_or_create(managed_system=system)
    if found.system.max_lpars is not None:
        capacity.max_lpars = found.system.max_lpars
    if found.memory is not None:
        capacity.memory_mb, capacity.free_memory_mb = found.memory.configurable_mb, found.memory.available_mb
        capacity.memory_read_at = found.read_at
    if found.processors is not None:
        capacity.cores, capacity.free_cores = found.processors.configurable, found.processors.available
        capacity.cores_read_at = found.read_at
    capacity.save()


def _keep_pools(system: ManagedSystem, found: FoundSystem) -> None:
    if found.pools is None:
        return
    system.pools.exclude(number__in=[pool.number for pool in found.pools]).delete()
    for pool in found.pools:
        values = {"name": pool.name, "max_cores": pool.max_cores, "reserved_cores": pool.reserved_cores}
        ProcessorPool.objects.update_or_create(
            managed_system=system, number=pool.number, defaults={**values, "read_at": found.read_at}
        )


def keep_cod_pools(hmc: Hmc, facts: FactSet) -> None:
    """The Enterprise Pools that the HMC knows, with their members. Nothing changes where it told none."""
    try:
        pools = facts.value(COD_POOLS)
    except FactMissing:
        return
    kept = []
    for found in pools:
        values = {name: getattr(found, name) for name in found.__dataclass_fields__ if name != "number"}
        pool, _ = CodPool.objects.update_or_create(number=found.number, defaults={**values, "read_at": now()})
        pool.hmcs.add(hmc)
        kept.append(pool.pk)
        _keep_members(pool, facts)
    for left in hmc.cod_pools.exclude(pk__in=kept):
        left.hmcs.remove(hmc)
    CodPool.objects.filter(hmcs=None).delete()


def _keep_members(pool: CodPool, facts: FactSet) -> None:
    try:
        members = facts.value(COD_POOL_SYSTEMS, pool.name)
    except FactMissing:
        return
    pool.managed_systems.set(ManagedSystem.objects.filter(serial__in=[member.serial for member in members]))
