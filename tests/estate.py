"""One LPAR that is ready for a Live Update, as its facts' raw outputs; tests change what they are about."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from inventory.facts.base import FactSet, HostKind, Output, Reading, ReadingState
from inventory.facts.catalogue import fact_named
from liveupdate.lpar.subject import Subject

SYSTEM = "9080-M9S-78A1234"
READ_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

MOUNT_HEADING = """\
  node       mounted        mounted over    vfs       date        options
-------- ---------------  ---------------  ------ ------------ ---------------
"""
LSVG_LIST_HEADING = """\
rootvg:
LV NAME             TYPE       LPs     PPs     PVs  LV STATE      MOUNT POINT
"""
DF_HEADING = "Filesystem    MB blocks      Free %Used    Iused %Iused Mounted on\n"

FACTS: dict[str, str | Output] = {
    "oslevel": "7200-05-03-2148\n",
    "uname_l": "26 pay01\n",
    "lspv": """\
hdisk0          00fa343b8f050a76                    rootvg          active
hdisk2          00fa343b8f01b1e2                    None
hdisk10         00c2fcc8dfe7288e                    None
hdisk11         00c2fcc8dfe729fd                    altinst_rootvg
hdisk1          00fa343b8f050ea7                    datavg          active
""",
    "disk_size:hdisk0": "61440\n",
    "disk_size:hdisk1": "102400\n",
    "disk_size:hdisk2": "61440\n",
    "disk_size:hdisk10": "61440\n",
    "disk_size:hdisk11": "61440\n",
    "lsvg:rootvg": """\
VOLUME GROUP:       rootvg                   VG IDENTIFIER:  00fa343b00004c0000000180aa11bb22
VG STATE:           active                   PP SIZE:        128 megabyte(s)
VG PERMISSION:      read/write               TOTAL PPs:      479 (61312 megabytes)
MAX LVs:            256                      FREE PPs:       225 (28800 megabytes)
TOTAL PVs:          1                        VG DESCRIPTORS: 2
STALE PVs:          0                        STALE PPs:      0
ACTIVE PVs:         1                        AUTO ON:        yes
""",
    "lsvg_disks:rootvg": """\
rootvg:
PV_NAME           PV STATE          TOTAL PPs   FREE PPs    FREE DISTRIBUTION
hdisk0            active            479         225         43..00..00..86..96
""",
    "lsvg_volumes:rootvg": LSVG_LIST_HEADING
    + """\
hd5                 boot       1       1       1    closed/syncd  N/A
hd4                 jfs2       16      16      1    open/syncd    /
""",
    "df": DF_HEADING
    + """\
/dev/hd4        2048.00   1408.20   32%    12011     4% /
/dev/hd9var     4096.00   2870.11   30%     9120     2% /var
/proc                 -         -    -         -     -  /proc
""",
    "mount": MOUNT_HEADING
    + """\
         /dev/hd4         /                jfs2   Nov 07 19:11 rw,log=/dev/hd8
         /proc            /proc            procfs Nov 07 19:11 rw
nim01    /export/aix72    /mnt             nfs3   Nov 07 19:12 ro,bg,hard,intr
""",
    "bootlist": "hdisk0 blv=hd5 pathid=0\nhdisk0 blv=hd5 pathid=1\n",
    "adapters": """\
ent0   Available       Virtual I/O Ethernet Adapter (l-lan)
fcs0   Available C4-T1 Virtual Fibre Channel Client Adapter
vsa0   Available       LPAR Virtual Serial Adapter
""",
    "tapes": "",
    "cdroms": "",
    "lparstat": """\
Node Name                                  : pay01
Partition Name                             : pay01
Partition Number                           : 26
Type                                       : Shared-SMT-8
Mode                                       : Uncapped
Entitled Capacity                          : 0.50
Online Virtual CPUs                        : 2
Online Memory                              : 8192 MB
Maximum Memory                             : 16384 MB
Minimum Memory                             : 2048 MB
""",
    "rmc_status": """\

Management Domain Status: Management Control Points
  I A  0x7edb4439af21a36f  0001  10.254.0.1
""",
    "hmcauth": "Address  : 10.254.0.1\nUser name: liveupdate\nPort     : 12443\n",
    "lvupdate_data": """\
disks:
\tnhdisk = hdisk2
\tmhdisk = hdisk10
hmc:
\tmanagement_console = hmc01
\tuser = liveupdate
""",
    f"lpars:{SYSTEM}": "viodev1,3,Running,active,default,0\npay01,26,Running,active,normal,1\n",
    f"profiles:{SYSTEM},pay01": "name=normal,lpar_name=pay01,min_mem=2048,desired_mem=8192,max_mem=16384\n",
    f"memory_system:{SYSTEM}": "configurable_sys_mem=131072,curr_avail_sys_mem=24576\n",
    f"memory_lpar:{SYSTEM},pay01": "lpar_name=pay01,curr_min_mem=2048,curr_mem=8192,curr_max_mem=16384\n",
    f"processors_system:{SYSTEM}": "configurable_sys_proc_units=16.0,curr_avail_sys_proc_units=3.5\n",
    f"processors_lpar:{SYSTEM},pay01": (
        "lpar_name=pay01,curr_proc_mode=shared,curr_proc_units=0.5,curr_procs=2\n"
    ),
    "dlpar": """\
<#0> Partition:<26*9080-M9S*78A1234, pay01, 10.254.0.20>
     Active:<1>, OS:<AIX, 7.2, 7200-05-03-2148>, DCaps:<0xc2c5f>, CmdCaps:<0x4000003b, 0x3b>, PinnedMem:<1499>
""",
}


def subject(changes: Mapping[str, str | Output | None] | None = None, **fields: Any) -> Subject:
    """The ready LPAR with other outputs: text, a whole Output, or None for a fact that was never read."""
    facts = FactSet()
    for name, said in {**FACTS, **(changes or {})}.items():
        if said is not None:
            facts.add(reading(name, said))
    ready = Subject(
        name="pay01",
        uuid="1A40C5B2-7E0E-4D52-9F7F-20C5B0F4001A",
        managed_system=SYSTEM,
        managed_system_serial="78A1234",
        hmc="hmc01",
        hmc_address="10.254.0.1",
        hmc_user="liveupdate",
        rollback_clone_disk="hdisk11",
        procedure="local_live_update",
        media="nim01:/export/aix72/7200-05-04-2220_full",
        target_level="7200-05-04-2220",
        facts=facts,
    )
    return replace(ready, **fields)


def reading(name: str, said: str | Output, state: ReadingState = ReadingState.OK) -> Reading:
    """A reading under `fact:key` (or `fact` alone)."""
    fact_name, _, key = name.partition(":")
    fact = fact_named(fact_name)
    parameters = key.split(",") if key else []
    return Reading(
        fact=fact_name,
        key=key,
        host="pay01" if fact.host == HostKind.LPAR else "hmc01",
        command=fact.build(*parameters).display(),
        output=said if isinstance(said, Output) else Output(said),
        read_at=READ_AT,
        state=state,
    )
