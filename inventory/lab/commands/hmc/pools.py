"""Shared processor pools, and Power Enterprise Pools (`lscodpool`)."""

from inventory.lab.commands.call import Call, Kind, command
from inventory.lab.commands.hmc.table import Record, query, show


def processor_pools(call: Call) -> list[Record]:
    """The default pool, which has neither limits nor a reserve of its own, and the others."""
    system = call.world.system
    of_default: Record = {
        "name": "DefaultPool",
        "shared_proc_pool_id": 0,
        "max_pool_proc_units": "null",
        "curr_reserved_pool_proc_units": "null",
        "pend_reserved_pool_proc_units": "null",
        "lpar_ids": ",".join(str(part.lpar_id) for part in system.partitions),
        "lpar_names": ",".join(part.name for part in system.partitions),
    }
    others: list[Record] = [
        {
            "name": pool.name,
            "shared_proc_pool_id": pool.number,
            "max_pool_proc_units": pool.max_units,
            "curr_reserved_pool_proc_units": pool.reserved_units,
            "pend_reserved_pool_proc_units": pool.reserved_units,
            "lpar_ids": "none",
            "lpar_names": "none",
        }
        for pool in system.pools
    ]
    return [of_default, *others]


@command("lscodpool", on=(Kind.HMC,))
async def lscodpool(call: Call) -> int:
    """Power Enterprise Pools (--level pool) or the systems of one (--level sys -p POOL)."""
    wish = query(call)
    pools = [pool for pool in call.world.cod_pools if wish.pool in ("", pool.name)]
    if wish.level == "sys":
        return show(call, wish, [_member(call) for _ in pools])
    records: list[Record] = [
        {
            "name": pool.name,
            "id": pool.number,
            "state": pool.state,
            "sequence_num": 1,
            "mobile_procs": pool.procs,
            "avail_mobile_procs": pool.free_procs,
            "unreturned_mobile_procs": 0,
            "mobile_mem": pool.memory_mb,
            "avail_mobile_mem": pool.free_memory_mb,
            "unreturned_mobile_mem": 0,
        }
        for pool in pools
    ]
    return show(call, wish, records)


def _member(call: Call) -> Record:
    system = call.world.system
    return {
        "name": system.name,
        "mtms": f"{system.type_model}*{system.serial}",
        "mobile_procs": 0,
        "inactive_procs": system.inactive_units,
        "mobile_mem": 0,
        "inactive_mem": system.inactive_memory_mb,
    }
