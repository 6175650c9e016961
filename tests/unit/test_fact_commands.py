"""The command line that each fact is read with."""

import pytest

from inventory.facts.base import Fact, HostKind
from inventory.facts.catalogue import FACTS, fact_named

PARAMETERS = {
    "disk": "hdisk2",
    "volume_group": "rootvg",
    "managed_system": "Server 9080",
    "lpar_name": "pay 01",
    "hmc_user": "liveupdate",
    "console": "10.254.0.1",
    "vios": "viodev1",
    "cod_pool": "CUP Pool",
    "audit_stanza": "WPARS",
    "proc_reader": "7012860",
    "script": "/opt/app/quiesce.sh",
}
COMMANDS = {
    "account": "id",
    "all_devices": "lsdev",
    "audit_wpars": "grep -p '^WPARS:' /etc/security/audit/config",
    "dump_devices": "sysdumpdev -l",
    "hardening_rules": "grep AIXPertRuleType /etc/security/aixpert/core/appliedaixpert.xml",
    "hardware_errors": "errpt -d H -T PERM",
    "open_proc_files": "procfiles -n 7012860",
    "previous_dump": "sysdumpdev -L",
    "script_executable": "test -x /opt/app/quiesce.sh",
    "storage_keys": "skctl -v now",
    "user_authentication": "lsuser -R files -a SYSTEM registry ALL",
    "adapters": "lsdev -Cc adapter",
    "bootlist": "bootlist -m normal -o",
    "cdroms": "lsdev -Cc cdrom",
    "console_port": "/usr/bin/openssl s_client -connect 10.254.0.1:12443",
    "df": "df -m",
    "disk_size": "getconf DISK_SIZE /dev/hdisk2",
    "cod_pool_systems": "lscodpool --level sys -p 'CUP Pool'",
    "cod_pools": "lscodpool --level pool",
    "dlpar": "lspartition -dlpar",
    "firmware": "lsmcode -c",
    "hmc_date": "date",
    "hmc_user": "lshmcusr --filter names=liveupdate",
    "hmc_users": "lshmcusr",
    "hmc_version": "lshmc -V",
    "hmcauth": "hmcauth -l",
    "large_pages": "vmo -o lgpg_regions",
    "lpar_attributes": "lssyscfg -r lpar -m 'Server 9080' --filter 'lpar_names=pay 01'",
    "lpars": (
        "lssyscfg -r lpar -m 'Server 9080' -F name,lpar_id,state,rmc_state,curr_profile,sync_curr_profile"
    ),
    "lparstat": "lparstat -i",
    "lsmpio": "lsmpio -q",
    "lspv": "lspv",
    "lsvg": "lsvg rootvg",
    "lsvg_disks": "lsvg -p rootvg",
    "lsvg_volumes": "lsvg -l rootvg",
    "lvupdate_data": "cat /var/adm/ras/liveupdate/lvupdate.data",
    "managed_systems": "lssyscfg -r sys -F name,serial_num,state",
    "max_lpars": "lssyscfg -r sys -m 'Server 9080' -F max_lpars",
    "memory_lpar": "lshwres -r mem -m 'Server 9080' --level lpar --filter 'lpar_names=pay 01'",
    "memory_system": "lshwres -r mem -m 'Server 9080' --level sys",
    "migrations": "lslparmigr -r lpar -m 'Server 9080' -F name,migration_state",
    "mount": "mount",
    "paging": "lsps -s",
    "partition_attributes": "lssyscfg -r lpar -m 'Server 9080'",
    "partitions": (
        "lssyscfg -r lpar -m 'Server 9080' -F name,lpar_id,lpar_env,state,rmc_state,rmc_ipaddr,os_version,"
        "logical_serial_num,default_profile,curr_profile,sync_curr_profile,uuid"
    ),
    "partitions_memory": "lshwres -r mem -m 'Server 9080' --level lpar -F lpar_name,lpar_id,curr_mem",
    "partitions_processors": (
        "lshwres -r proc -m 'Server 9080' --level lpar -F lpar_name,lpar_id,curr_proc_mode,curr_proc_units,"
        "curr_procs,curr_shared_proc_pool_id"
    ),
    "processor_pools": (
        "lshwres -r procpool -m 'Server 9080' "
        "-F shared_proc_pool_id,max_pool_proc_units,curr_reserved_pool_proc_units,name"
    ),
    "processors_lpar": "lshwres -r proc -m 'Server 9080' --level lpar --filter 'lpar_names=pay 01'",
    "processors_system": "lshwres -r proc -m 'Server 9080' --level sys",
    "profiles": "lssyscfg -r prof -m 'Server 9080' --filter 'lpar_names=pay 01'",
    "system_profiles": (
        "lssyscfg -r prof -m 'Server 9080' -F name,lpar_name,lpar_id,min_mem,desired_mem,max_mem"
    ),
    "systems": "lssyscfg -r sys -F name,type_model,serial_num,state,max_lpars",
    "pvcauth": "pvcauth -l",
    "rmc_status": "/usr/sbin/rsct/bin/rmcdomainstatus -s ctrmc",
    "tapes": "lsdev -Cc tape",
    "vios_level": "viosvrcmd -m 'Server 9080' -p viodev1 -c ioslevel",
    "virtual_fibre_channel": (
        "lshwres -r virtualio --rsubtype fc -m 'Server 9080' --level lpar --filter 'lpar_names=pay 01'"
    ),
    "virtual_scsi": (
        "lshwres -r virtualio --rsubtype scsi -m 'Server 9080' --level lpar --filter 'lpar_names=pay 01'"
    ),
    "virtual_slots": (
        "lshwres -r virtualio --rsubtype slot -m 'Server 9080' --level lpar --filter lpar_names=viodev1"
    ),
    "virtual_slots_used": (
        "lshwres -r virtualio --rsubtype slot -m 'Server 9080' --level slot --filter lpar_names=viodev1"
    ),
}


@pytest.mark.parametrize(("name", "line"), COMMANDS.items())
def test_command(name: str, line: str) -> None:
    fact = fact_named(name)
    assert fact.build(*(PARAMETERS[each] for each in fact.params)).display() == line


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_aix_is_asked_in_english_and_an_hmc_without_assignments(fact: Fact[object]) -> None:
    command = fact.build(*(PARAMETERS.get(each, each) for each in fact.params))
    assert command.locale == (fact.host != HostKind.HMC)
    assert fact.host != HostKind.HMC or "/" not in command.argv[0]
