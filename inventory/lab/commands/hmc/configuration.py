"""`lssyscfg`, `lshwres`, `lspartition`, `lsrefcode`: systems, partitions, profiles, capacity."""

import time

from inventory.lab.commands.call import Call, Kind, Usage, command, now
from inventory.lab.commands.hmc import virtual_io
from inventory.lab.commands.hmc.pools import processor_pools
from inventory.lab.commands.hmc.table import Query, Record, check_system, query, show
from inventory.lab.world.frame import Partition

HMC = (Kind.HMC,)
UNKNOWN_OS = "Unknown"


@command("lssyscfg", on=HMC)
async def lssyscfg(call: Call) -> int:
    """Managed systems (-r sys), partitions (-r lpar), profiles (-r prof)."""
    wish = query(call)
    await call.sleep(1)
    if wish.resource == "sys":
        if wish.system:
            check_system(call, wish.system)
        return show(call, wish, [_system(call)])
    if wish.resource not in ("lpar", "prof"):
        raise Usage("An invalid resource type was entered. Valid values are sys, lpar, prof.")
    check_system(call, wish.system)
    parts = _chosen(call, wish)
    make = _lpar if wish.resource == "lpar" else _profile
    return show(call, wish, [make(call, part) for part in parts])


def _chosen(call: Call, wish: Query) -> list[Partition]:
    names = wish.filters.get("lpar_names")
    ids = wish.filters.get("lpar_ids")
    return [
        part
        for part in call.world.system.partitions
        if (names is None or part.name in names) and (ids is None or str(part.lpar_id) in ids)
    ]


def _system(call: Call) -> Record:
    one = call.world.system
    return {
        "name": one.name,
        "type_model": one.type_model,
        "serial_num": one.serial,
        "ipaddr": "10.254.0.2",
        "state": one.state,
        "sys_time": time.strftime("%m/%d/%Y %H:%M:%S", time.localtime(now())),
        "power_off_policy": 0,
        "active_lpar_mobility_capable": 1,
        "max_lpars": one.max_lpars,
        "service_lpar_id": "none",
    }


def _lpar(call: Call, part: Partition) -> Record:
    lpar = call.world.lpars.get(part.owner)
    level = lpar.level if lpar else ""
    known = f"AIX {level[0]}.{level[1]} {level}" if level else ("Nieznane" if call.french else UNKNOWN_OS)
    if part.env == "vioserver":
        known = f"VIOS {part.ios_level}"
    return {
        "name": part.name,
        "lpar_id": part.lpar_id,
        "lpar_env": part.env,
        "state": part.state,
        "resource_config": 1,
        "os_version": known,
        "logical_serial_num": f"{call.world.system.serial}{part.lpar_id:X}",
        "default_profile": part.profile,
        "curr_profile": part.profile,
        "work_group_id": "none",
        "shared_proc_pool_util_auth": 0,
        "allow_perf_collection": 0,
        "power_ctrl_lpar_ids": "none",
        "boot_mode": "norm",
        "lpar_keylock": "norm",
        "auto_start": 0,
        "redundant_err_path_reporting": 0,
        "rmc_state": part.rmc_state,
        "rmc_ipaddr": part.address,
        "sync_curr_profile": part.sync_curr_profile,
        "remote_restart_capable": 0,
        "simplified_remote_restart_capable": part.remote_restart,
        "suspend_capable": 0,
        **({"uuid": part.uuid} if call.hmc.knows_uuids else {}),
    }


def _profile(call: Call, part: Partition) -> Record:
    adapters = f"4/client/3/viodev1/{part.lpar_id}/1,5/client/4/viodev2/{part.lpar_id}/1"
    return {
        "name": part.profile,
        "lpar_name": part.name,
        "lpar_id": part.lpar_id,
        "lpar_env": part.env,
        "all_resources": 0,
        "min_mem": part.mem_min,
        "desired_mem": part.profile_mem or part.mem,
        "max_mem": part.mem_max,
        "min_num_huge_pages": 0,
        "desired_num_huge_pages": 0,
        "max_num_huge_pages": 0,
        "mem_mode": "ded",
        "proc_mode": "shared",
        "min_proc_units": part.units_min,
        "desired_proc_units": part.units,
        "max_proc_units": part.units_max,
        "min_procs": part.procs_min,
        "desired_procs": part.procs,
        "max_procs": part.procs_max,
        "sharing_mode": "uncap",
        "uncap_weight": 128,
        "io_slots": "none",
        "max_virtual_slots": 20,
        "virtual_fc_adapters": adapters,
        "auto_start": 0,
        "boot_mode": "norm",
    }


@command("lshwres", on=HMC)
async def lshwres(call: Call) -> int:
    """Memory, processors and virtual adapters of the system or its partitions."""
    wish = query(call)
    check_system(call, wish.system)
    await call.sleep(1)
    if wish.resource == "procpool":
        return show(call, wish, processor_pools(call))
    if wish.resource not in ("mem", "proc", "virtualio") or wish.level not in ("sys", "lpar", "slot"):
        raise Usage(
            "The command entered is either missing a required parameter or a parameter value is invalid."
        )
    if wish.level == "sys":
        return show(
            call, wish, [_system_memory(call) if wish.resource == "mem" else _system_processors(call)]
        )
    parts = _chosen(call, wish)
    if wish.resource == "virtualio":
        return show(call, wish, [record for part in parts for record in _virtual(call, wish, part)])
    make = _memory if wish.resource == "mem" else _processors
    return show(call, wish, [make(part) for part in parts])


def _virtual(call: Call, wish: Query, part: Partition) -> list[Record]:
    match wish.subtype, wish.level:
        case "fc", "lpar":
            return virtual_io.fibre_channel(call.world.system, part)
        case "slot", "lpar":
            return virtual_io.slot_limits(part)
        case "slot", "slot":
            return virtual_io.slots(call.world.system, part)
    return []


def _system_memory(call: Call) -> Record:
    system = call.world.system
    free = call.lab.updates.free_memory()
    return {
        "configurable_sys_mem": system.memory_mb,
        "curr_avail_sys_mem": free,
        "pend_avail_sys_mem": free,
        "installed_sys_mem": system.memory_mb,
        "deconfig_sys_mem": 0,
        "sys_firmware_mem": system.firmware_mb,
        "mem_region_size": 256,
        "configurable_num_sys_huge_pages": 0,
        "curr_avail_num_sys_huge_pages": 0,
        "huge_page_size": 16384,
        "default_hpt_ratios": "1:128",
        "possible_hpt_ratios": "1:32,1:64,1:128,1:256,1:512",
    }


def _system_processors(call: Call) -> Record:
    units = call.world.system.units
    free = call.lab.updates.free_units()
    return {
        "configurable_sys_proc_units": units,
        "curr_avail_sys_proc_units": free,
        "pend_avail_sys_proc_units": free,
        "installed_sys_proc_units": units,
        "deconfig_sys_proc_units": 0,
        "min_proc_units_per_virtual_proc": 0.05,
        "max_shared_proc_pools": 64,
    }


def _memory(part: Partition) -> Record:
    return {
        "lpar_name": part.name,
        "lpar_id": part.lpar_id,
        "curr_min_mem": part.mem_min,
        "curr_mem": part.mem,
        "curr_max_mem": part.mem_max,
        "pend_min_mem": part.mem_min,
        "pend_mem": part.mem,
        "pend_max_mem": part.mem_max,
        "run_min_mem": part.mem_min,
        "run_mem": part.mem,
        "curr_num_huge_pages": 0,
        "mem_mode": "ded",
    }


def _processors(part: Partition) -> Record:
    return {
        "lpar_name": part.name,
        "lpar_id": part.lpar_id,
        "curr_shared_proc_pool_id": 0,
        "curr_proc_mode": "shared",
        "curr_min_proc_units": part.units_min,
        "curr_proc_units": part.units,
        "curr_max_proc_units": part.units_max,
        "curr_min_procs": part.procs_min,
        "curr_procs": part.procs,
        "curr_max_procs": part.procs_max,
        "curr_sharing_mode": "uncap",
        "curr_uncap_weight": 128,
        "run_proc_units": part.units,
        "run_procs": part.procs,
        "run_uncap_weight": 128,
    }


@command("lspartition", on=HMC)
async def lspartition(call: Call) -> int:
    """`-dlpar`: the partitions that RMC knows."""
    if call.argv[1:] not in (["-dlpar"], ["-all"]):
        raise Usage("Usage: lspartition -dlpar | -all")
    system = call.world.system
    for number, part in enumerate((p for p in system.partitions if p.address or p.rmc_state == "active"), 1):
        lpar = call.world.lpars.get(part.owner) or (call.world.nim.system if part.name == "nim01" else None)
        call.line(
            f"<#{number}> Partition:<{part.lpar_id}*{system.type_model}*{system.serial}, "
            f"{part.name}, {part.address}>"
        )
        if part.rmc_state != "active":
            call.line("     Active:<0>, OS:< , , >, DCaps:<0x0>, CmdCaps:<0x0, 0x0>, PinnedMem:<0>")
            continue
        os_text = (
            f"AIX, {lpar.level[0]}.{lpar.level[1]}, {lpar.level}" if lpar else "AIX, 7.2, 7200-05-04-2220"
        )
        call.line(
            f"     Active:<1>, OS:<{os_text}>, DCaps:<0xc2c5f>, CmdCaps:<0x4000003b, 0x3b>, PinnedMem:<1559>"
        )
    return 0


@command("lsrefcode", on=HMC)
async def lsrefcode(call: Call) -> int:
    """Reference codes of partitions."""
    wish = query(call)
    check_system(call, wish.system)
    stamp = time.strftime("%m/%d/%Y %H:%M:%S", time.localtime(now()))
    records: list[Record] = [
        {"lpar_name": part.name, "lpar_id": part.lpar_id, "time_stamp": stamp, "refcode": part.refcode}
        for part in _chosen(call, wish)
    ]
    return show(call, wish, records)


@command("lslparmigr", on=HMC)
async def lslparmigr(call: Call) -> int:
    """States of Live Partition Mobility."""
    wish = query(call)
    check_system(call, wish.system)
    records: list[Record] = [
        {"name": part.name, "lpar_id": part.lpar_id, "migration_state": part.migration}
        for part in _chosen(call, wish)
    ]
    return show(call, wish, records)
