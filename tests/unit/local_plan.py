"""LPARs and their plans of a local Live Update, for the tests of these plans."""

from typing import Any

import pytest

from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import ListedAgent, Subject
from liveupdate.procedures.catalogue import CannotPlan, render
from liveupdate.procedures.services import SIGHTS
from liveupdate.procedures.step import (
    Plan,
    Step,
    WriteFile,
)
from tests.unit.plan_subject import (
    LSLPP_HEADER,
    LSPV,
    MOUNT_HEAD,
    POLICIES,
    PS_HEAD,
    SRC_HEAD,
    fileset,
    hosts,
    ifixes,
    locks,
    subject,
)

ALL = frozenset(consent.value for consent in Consent)
SEEN_BY_USERS = [sight.command.display() for sight in SIGHTS]
OF_UPDATES = ALL - {Consent.REPLACE_CLONE, Consent.REMOVE_LEFT_PARTITION, Consent.EDIT_NIM_METHOD}
NETWLM = "rcnetwlm:23456789:wait:/etc/rc.netwlm start> /dev/console 2>&1 # Start netwlm\n"

LOCKED = POLICIES.format(te="ON").replace("LOCK_KERN_POLICIES=OFF", "LOCK_KERN_POLICIES=ON")
TAKEN = MOUNT_HEAD + "nim02    /export/other    /mnt             nfs3   Nov 07 19:11 ro\n"

BLOCKED = {
    "trustchk": POLICIES.format(te="ON"),
    "wlm": "WLM is running in passive mode\n",
    "netwlm": NETWLM,
    "emgr_packages": locks("IJ41685m3a", "IJ36810s3a", "1022104a", "IJ36810s3a"),
    "emgr_list": ifixes("IJ36810s3a", "1022104a", "IJ41685m3a"),
}
MIRRORED = {
    "lspv": "hdisk0 00fa343b8f050a76 rootvg active\nhdisk1 00fa343b8f050a77 rootvg active\n"
    + "".join(f"hdisk{n} 00fa343b8f05000{n} None\n" for n in range(2, 6))
    + "hdisk6 00fa343b8f050006 altinst_rootvg\nhdisk7 00fa343b8f050007 altinst_rootvg\n",
    "bootlist": "hdisk0 blv=hd5 pathid=0\nhdisk1 blv=hd5 pathid=0\n",
} | {f"disk_size hdisk{n}": "61440\n" for n in range(6)}
AGENTS = (
    ListedAgent("dsmcad", "subsystem"),
    ListedAgent(
        "zabbix_agentd",
        "commands",
        stop=("/opt/zabbix/bin/agent", "stop"),
        start=("/opt/zabbix/bin/agent", "start"),
        check=("/opt/zabbix/bin/agent", "status"),
    ),
)
EVERYTHING = BLOCKED | {
    "secorder": "tsddat secorder=LDAP,files\n",
    "ipsec": "ipsec_v4 Available  IP Version 4 Security Extension\nipsec_v6 Defined  IP Version 6\n",
    "audit_query": "auditing on\n",
    "audit_config": "start:\n\tbinmode = on\n\tstreammode = on\n",
    "wpars": "wpar1:A\nwpar2:D\n",
    "lslpp": LSLPP_HEADER
    + fileset("bos.mls.cfg")
    + fileset("cas.agent")
    + fileset("security.pkcs11")
    + fileset("bos.mlslike")
    + fileset("bos.net", "A"),
    "lssrc": SRC_HEAD
    + " dsmcad           backup           9896196      active\n"
    + " pfcdaemon                                     inoperative\n",
    "processes": PS_HEAD
    + "    root  9896196  8126890   0   Oct 02      -  0:00 /usr/tivoli/tsm/client/ba/bin64/dsmcad\n"
    + "  zabbix  9961730        1   0   Oct 02      -  0:10 /opt/zabbix/sbin/zabbix_agentd -c /etc/z.conf\n",
    "mount": MOUNT_HEAD
    + "         /ahafs           /aha             ahafs  Nov 07 19:11 rw              \n"
    + "nfs01    /iso/x           /iso             cachefs Nov 07 19:11 ro,bg           \n",
    "cdroms": "cd0 Available 00-00-02 Virtual SCSI Optical Served by VIO Server\n",
    "lspv": LSPV.replace("00fa343b8f01b1e2                    None", "00fa343b8f01b1e2  lvup_rootvg"),
    "bootlist": "hdisk11 blv=hd5 pathid=0\n",
    "lvupdate_data": "disks:\n\tnhdisk = hdisk9\n",
}
PLANS: dict[str, tuple[Subject, frozenset[str]]] = {
    "ready": (subject(), frozenset()),
    "ifixes_trusted_execution_wlm": (subject(BLOCKED), ALL),
    "mirrored_rootvg": (subject(MIRRORED, rollback_clone_disk="hdisk6 hdisk7"), frozenset()),
    "everything": (subject(EVERYTHING, agents=AGENTS), ALL),
    "own_directory": (
        subject({"hmcauth": "Address  : hmc01\nUser name: liveupdate\nPort     : 12443\n"}, media="/updates"),
        frozenset(),
    ),
}


def plan(name: str) -> Plan:
    lpar, consents = PLANS[name]
    return render("local_live_update", lpar, hosts(), "hmc01-liveupdate", consents)


def reasons(lpar: Subject, consents: frozenset[str] = ALL, **changes: Any) -> str:
    given: dict[str, Any] = {"hosts": hosts(), "hmc_credential": "hmc01-liveupdate"}
    with pytest.raises(CannotPlan) as refused:
        render("local_live_update", lpar, consents=consents, **(given | changes))
    return " ".join(refused.value.reasons)


def every(rendered: Plan) -> tuple[Step, ...]:
    return (*rendered.steps, *rendered.restoration)


def lines(steps: tuple[Step, ...]) -> list[str]:
    return [
        step.action.path if isinstance(step.action, WriteFile) else step.action.command.display()
        for step in steps
    ]
