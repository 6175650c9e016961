"""LPARs for tests of plans: their facts as the hosts print them, changed case by case."""

from datetime import UTC, datetime
from typing import Any

from inventory.facts.base import FactSet, Output, Reading
from inventory.facts.catalogue import fact_named
from liveupdate.lpar.subject import Subject
from liveupdate.procedures.step import HostRef, StepHost

LSLPP_HEADER = (
    "#Package Name:Fileset:Level:State:PTF Id:Fix State:Type:Description:Destination Dir.:Uninstaller:"
    "Message Catalog:Message Set:Message Number:Parent:Automatic:EFIX Locked:Install Path:Build Date\n"
)
MOUNT_HEAD = (
    "  node       mounted        mounted over    vfs       date        options      \n"
    "-------- ---------------  ---------------  ------ ------------ --------------- \n"
    "         /dev/hd4         /                jfs2   Nov 07 19:11 rw,log=/dev/hd8 \n"
    "         /proc            /proc            procfs Nov 07 19:11 rw              \n"
)
POLICIES = (
    "TE={te}\nCHKEXEC=ON\nCHKSHLIB=OFF\nCHKSCRIPT=OFF\nCHKKERNEXT=OFF\nSTOP_UNTRUSTD=OFF\n"
    "STOP_ON_CHKFAIL=OFF\nLOCK_KERN_POLICIES=OFF\nTSD_FILES_LOCK=OFF\nTSD_LOCK=OFF\nTEP=OFF\nTLP=OFF\n"
)
LSPV = (
    "hdisk0          00fa343b8f050a76                    rootvg          active\n"
    "hdisk2          00fa343b8f01b1e2                    None\n"
    "hdisk10         00c2fcc8dfe7288e                    None\n"
    "hdisk11         00c2fcc8dfe729fd                    altinst_rootvg\n"
    "hdisk1          00fa343b8f050ea7                    datavg          active\n"
)
PS_HEAD = "     UID      PID     PPID   C    STIME    TTY  TIME CMD\n"
SRC_HEAD = "Subsystem         Group            PID          Status\n"


def fileset(name: str, state: str = "C") -> str:
    """A row of lslpp -Lc."""
    return f"x:{name}:7.2.5.100: : :{state}:F:Text: : : : : : :0:0:/:2148\n"


def locks(*labels: str) -> str:
    """emgr -P where each label locks a fileset."""
    rows = "".join(f"bos.f{number:<50} installp    {label}\n" for number, label in enumerate(labels))
    return (
        "\nPACKAGE                                                  INSTALLER   LABEL\n"
        "======================================================== =========== ==========\n" + rows
    )


def ifixes(*labels: str) -> str:
    """emgr -l with these labels, installed in this order."""
    rows = "".join(
        f"{number}    S    {label} 04/30/20 11:03:4{number}            fix\n"
        for number, label in enumerate(labels, start=1)
    )
    return (
        "ID  STATE LABEL      INSTALL TIME      UPDATED BY ABSTRACT\n"
        "=== ===== ========== ================= ========== ======================================\n"
        + rows
        + "\nSTATE codes:\n S = STABLE\n"
    )


READY: dict[str, str] = {
    "oslevel": "7200-05-03-2148\n",
    "uname_l": "26 pay01\n",
    "proc_version": "Dec 03 2021\n10:11:12\n2148A_72H\n"
    "@(#) _kdb_buildinfo unix_64 Dec 03 2021 10:11:12 2148A_72H\n",
    "lspv": LSPV,
    "bootlist": "hdisk0 blv=hd5 pathid=0\nhdisk0 blv=hd5 pathid=1\n",
    "trustchk": POLICIES.format(te="OFF"),
    "secorder": "tsddat secorder=files\n",
    "ipsec": "",
    "audit_query": "auditing off\n",
    "wlm": "WLM is stopped\n",
    "netwlm": "",
    "wpars": "",
    "emgr_packages": "There is no efix data on this system.\n",
    "emgr_list": "There is no efix data on this system.\n",
    "lslpp": LSLPP_HEADER + fileset("bos.liveupdate.rte"),
    "lssrc": SRC_HEAD + " sshd             ssh              7012860      active\n",
    "mount": MOUNT_HEAD,
    "cdroms": "",
    "hmcauth": "",
    "lvupdate_data": "",
    "disk_size hdisk0": "61440\n",
    "disk_size hdisk2": "61440\n",
    "disk_size hdisk10": "61440\n",
}
STATUSES = {"wlm": 1, "netwlm": 1, "lvupdate_data": 2}
STDERR = {"lvupdate_data": "cat: 0652-050 Cannot open /var/adm/ras/liveupdate/lvupdate.data.\n"}


def subject(changes: dict[str, str | None] | None = None, **fields: Any) -> Subject:
    """pay01 with READY's facts; a change to None leaves a fact unread."""
    facts = FactSet()
    for entry, text in (READY | (changes or {})).items():
        if text is None:
            continue
        name, _, key = entry.partition(" ")
        quiet = not text
        output = Output(text, STDERR.get(name, "") if quiet else "", STATUSES.get(name, 0) if quiet else 0)
        if name == "wlm" and "stopped" in text:
            output = Output(text, "", 1)
        facts.add(
            Reading(
                fact=fact_named(name).name,
                key=key,
                host="pay01",
                command=name,
                output=output,
                read_at=datetime(2026, 11, 25, tzinfo=UTC),
            )
        )
    given: dict[str, Any] = {
        "name": "pay01",
        "uuid": "1A40C5B2-7E0E-4D52-9F7F-20C5B0F4001A",
        "managed_system": "9080-M9S-78A1234",
        "managed_system_serial": "78A1234",
        "hmc": "hmc01",
        "hmc_address": "10.254.0.5",
        "hmc_user": "liveupdate",
        "rollback_clone_disk": "hdisk11",
        "procedure": "local_live_update",
        "media": "nim01:/export/aix72/7200-05-04-2220_full",
        "target_level": "7200-05-04-2220",
    }
    return Subject(**(given | fields), facts=facts)


def hosts() -> dict[StepHost, HostRef]:
    """pay01 and its HMC."""
    return {
        StepHost.LPAR: HostRef("pay01", "10.254.0.20", 22, "root", "SHA256:" + "A" * 43, "pay01-key"),
        StepHost.HMC: HostRef("hmc01", "10.254.0.5", 22, "hscroot", "SHA256:" + "B" * 43, "hmc01-key"),
    }
