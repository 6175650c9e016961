"""The readiness checks on console, RMC, memory, processors, disks and file systems."""

from typing import NamedTuple

import pytest

from inventory.facts.base import Output
from liveupdate.readiness.base import Finding, FindingState, examine
from liveupdate.readiness.catalogue import CHECKS
from tests.estate import DF_HEADING, FACTS, LSVG_LIST_HEADING, MOUNT_HEADING, SYSTEM, subject

CHECK = {check.id: check for check in CHECKS}
OK, WARNING, BLOCKER = FindingState.OK, FindingState.WARNING, FindingState.BLOCKER
ABSENT = Output("", "cat: 0652-050 Cannot open /var/adm/ras/liveupdate/lvupdate.data.\n", 2)
PROC = f"processors_lpar:{SYSTEM},pay01"

NEEDS = {
    "RQ-040": ["hmcauth"],
    "RQ-041": ["hmcauth", "lvupdate_data"],
    "RQ-046": ["rmc_status", "dlpar", f"lpars:{SYSTEM}"],
    "RQ-070": ["lparstat", f"lpars:{SYSTEM}", f"profiles:{SYSTEM},pay01"],
    "RQ-071": [PROC, f"processors_system:{SYSTEM}"],
    "RQ-072": [f"memory_lpar:{SYSTEM},pay01", f"memory_system:{SYSTEM}"],
    "RQ-100": ["adapters"],
    "RQ-101": ["lspv", "disk_size:hdisk0", "disk_size:hdisk10"],
    "RQ-102": ["lspv", "lvupdate_data"],
    "RQ-103": ["lspv"],
    "RQ-104": ["lspv", "disk_size:hdisk0", "disk_size:hdisk2"],
    "RQ-105": ["lspv", "lsvg_volumes:rootvg"],
    "RQ-106": ["lsvg_volumes:rootvg"],
    "RQ-107": ["lsvg:rootvg", "lsvg_disks:rootvg"],
    "RQ-112": ["cdroms", "tapes"],
    "RQ-115": ["mount"],
    "RQ-116": ["mount"],
    "RQ-117": ["df"],
    "RQ-120": ["lspv"],
    "RQ-121": ["bootlist", "lspv"],
}


class Case(NamedTuple):
    """Facts changed from the ready LPAR, and what the check must say of them."""

    check: str
    changes: dict[str, str | Output | None]
    state: FindingState
    says: str
    curable: bool = False
    consent: str = ""
    clone: str = "hdisk11"


def text(fact: str) -> str:
    said = FACTS[fact]
    assert isinstance(said, str)
    return said


def edited(fact: str, old: str, new: str) -> dict[str, str | Output | None]:
    assert old in text(fact)
    return {fact: text(fact).replace(old, new)}


def disks(**groups: str) -> dict[str, str | Output | None]:
    rows = "".join(f"{name:<16}00fa343b8f050a76    {group}\n" for name, group in groups.items())
    return {"lspv": rows, **{f"disk_size:{name}": "61440\n" for name in groups}}


def volumes(*rows: str) -> dict[str, str | Output | None]:
    return {"lsvg_volumes:rootvg": LSVG_LIST_HEADING + "".join(f"{row}\n" for row in rows)}


def mounted(row: str) -> dict[str, str | Output | None]:
    return {"mount": f"{MOUNT_HEADING}         /dev/hd4         /  jfs2   Nov 07 19:11 rw\n{row}\n"}


def room(root: str, var: str) -> dict[str, str | Output | None]:
    rows = f"/dev/hd4 2048.00 {root} 32% 12011 4% /\n/dev/hd9var 4096.00 {var} 30% 9120 2% /var\n"
    return {"df": DF_HEADING + rows}


MIRROR = disks(
    hdisk0="rootvg  active",
    hdisk1="rootvg  active",
    hdisk2="None",
    hdisk3="None",
    hdisk4="None",
    hdisk5="None",
)
MIRROR_SHORT = disks(hdisk0="rootvg  active", hdisk1="rootvg  active", hdisk2="None", hdisk3="None")
MIRROR_LEFT = disks(
    hdisk0="rootvg  active",
    hdisk1="rootvg  active",
    hdisk2="None",
    hdisk3="None",
    hdisk4="None",
    hdisk5="lvup_rootvg",
)
TWO_COPIES = volumes("hd4  jfs2  8  16  2  open/syncd  /")
LEFT = disks(hdisk0="rootvg  active", hdisk2="lvup_rootvg", hdisk10="None")

CASES = [
    Case("RQ-040", {"hmcauth": ""}, BLOCKER, "lists no session", curable=True),
    Case("RQ-040", edited("hmcauth", "10.254.0.1", "10.254.0.9"), BLOCKER, "10.254.0.9", curable=True),
    Case("RQ-040", edited("hmcauth", "liveupdate", "hscroot"), BLOCKER, "hscroot", curable=True),
    Case("RQ-040", edited("hmcauth", "10.254.0.1", "HMC01.example.com"), OK, "authenticated"),
    Case("RQ-041", {"lvupdate_data": ABSENT}, BLOCKER, "no lvupdate.data", curable=True),
    Case("RQ-041", edited("lvupdate_data", "hmc01", ""), BLOCKER, "1430-237", curable=True),
    Case("RQ-041", edited("lvupdate_data", "\tmana", "mana"), BLOCKER, "column 0", curable=True),
    Case("RQ-041", edited("lvupdate_data", "hmc01", "hmca01"), BLOCKER, "hmca01", curable=True),
    Case("RQ-041", edited("lvupdate_data", "liveupdate", "hscroot"), BLOCKER, "hscroot", curable=True),
    Case("RQ-041", edited("lvupdate_data", "hmc01", "10.254.0.1"), OK, "both name"),
    Case("RQ-041", {"hmcauth": ""}, BLOCKER, "no session", curable=True),
    Case("RQ-046", {"rmc_status": "\n"}, BLOCKER, "reaches no HMC"),
    Case("RQ-046", edited("rmc_status", "I A", "I O"), BLOCKER, "reaches no HMC"),
    Case(
        "RQ-046",
        edited(f"lpars:{SYSTEM}", "pay01,26,Running,active", "pay01,26,Running,none"),
        BLOCKER,
        "none",
    ),
    Case("RQ-046", edited(f"lpars:{SYSTEM}", "pay01", "pay09"), BLOCKER, "knows no partition pay01"),
    Case("RQ-046", edited("dlpar", "Active:<1>", "Active:<0>"), BLOCKER, "no active DLPAR"),
    Case("RQ-046", edited("dlpar", "78A1234", "78A9999"), BLOCKER, "no active DLPAR"),
    Case("RQ-070", edited("lparstat", ": 2048 MB", ": 1024 MB"), BLOCKER, "started with is 1024"),
    Case("RQ-070", edited("lparstat", "8192 MB", "2047 MB"), BLOCKER, "in use is 2047"),
    Case(
        "RQ-070",
        edited(f"profiles:{SYSTEM},pay01", "min_mem=2048", "min_mem=512"),
        BLOCKER,
        "profile normal is 512",
    ),
    Case("RQ-070", {f"profiles:{SYSTEM},pay01": "No results were found.\n"}, OK, "8192 MB in use"),
    Case("RQ-071", edited(PROC, "curr_proc_units=0.5", "curr_proc_units=3.6"), BLOCKER, "3.5 cores free"),
    Case("RQ-071", edited(PROC, "curr_proc_units=0.5", "curr_proc_units=3.5"), OK, "3.5 cores free"),
    Case("RQ-071", {PROC: "lpar_name=pay01,curr_proc_mode=ded,curr_procs=4\n"}, BLOCKER, "needs 4"),
    Case("RQ-072", edited(f"memory_system:{SYSTEM}", "=24576", "=8191"), BLOCKER, "needs 8192 MB"),
    Case(
        "RQ-072", edited(f"memory_system:{SYSTEM}", "=24576", "=8192"), WARNING, "256 MB for its page table"
    ),
    Case("RQ-072", edited(f"memory_system:{SYSTEM}", "=24576", "=8448"), OK, "8448 MB free"),
    Case(
        "RQ-100",
        {"adapters": "ent0 Available 00-00 4-Port 10/100/1000 Base-TX PCI-X Adapter\n"},
        BLOCKER,
        "ent0 (4-Port",
    ),
    Case(
        "RQ-100",
        {"adapters": "ent0 Defined 00-00 4-Port 10/100/1000 Base-TX PCI-X Adapter\n"},
        WARNING,
        "ent0",
    ),
    Case(
        "RQ-100",
        {"adapters": "ent2 Available  EtherChannel / IEEE 802.3ad\nent3 Available  VLAN\n"},
        OK,
        "virtual",
    ),
    Case("RQ-101", disks(hdisk0="rootvg  active", hdisk10="None"), BLOCKER, "1 found"),
    Case("RQ-101", LEFT, BLOCKER, "hdisk2 is freed", curable=True, consent="remove_leftovers"),
    Case("RQ-101", edited("lspv", "altinst_rootvg", "None"), OK, "nhdisk hdisk2 and mhdisk hdisk10"),
    Case(
        "RQ-102",
        edited("lvupdate_data", "= hdisk2", "= hdisk0"),
        BLOCKER,
        "hdisk0 belongs to rootvg",
        curable=True,
    ),
    Case(
        "RQ-102",
        edited("lvupdate_data", "= hdisk2", "= hdisk11"),
        BLOCKER,
        "designated rollback clone",
        curable=True,
    ),
    Case(
        "RQ-102",
        edited("lvupdate_data", "= hdisk2", "= hdisk99"),
        BLOCKER,
        "hdisk99 does not exist",
        curable=True,
    ),
    Case("RQ-102", {"lvupdate_data": ABSENT}, OK, "hdisk2, hdisk10"),
    Case(
        "RQ-102",
        {**disks(hdisk0="rootvg  active"), "lvupdate_data": ABSENT},
        FindingState.NOT_APPLICABLE,
        "none",
    ),
    Case("RQ-103", LEFT, BLOCKER, "hdisk2 holds lvup_rootvg", curable=True, consent="remove_leftovers"),
    Case("RQ-103", disks(hdisk0="rootvg  active", hdisk2="lvup_rootvg  active"), BLOCKER, "varied on"),
    Case("RQ-103", disks(hdisk0="rootvg  active", hdisk2="old_rootvg"), WARNING, "hdisk2 (old_rootvg"),
    Case("RQ-103", {}, WARNING, "hdisk11 (altinst_rootvg", clone=""),
    Case("RQ-104", {"disk_size:hdisk2": "51200\n"}, BLOCKER, "hdisk2 has 51200 MB"),
    Case("RQ-104", {"disk_size:hdisk2": "71680\n"}, WARNING, "hdisk2 is larger"),
    Case("RQ-104", disks(hdisk0="rootvg  active"), FindingState.NOT_APPLICABLE, "no spare disks"),
    Case("RQ-105", {**MIRROR, **TWO_COPIES}, OK, "2 disks each"),
    Case("RQ-105", {**MIRROR_SHORT, **TWO_COPIES}, BLOCKER, "mirrored on hdisk0, hdisk1"),
    Case("RQ-105", MIRROR_LEFT, BLOCKER, "hdisk5 must be freed", curable=True, consent="remove_leftovers"),
    Case("RQ-106", volumes("hd4  jfs2  8  24  3  open/syncd  /"), BLOCKER, "three copies: hd4"),
    Case("RQ-106", volumes("hd4  jfs2  8  17  3  open/syncd  /"), BLOCKER, "three copies: hd4"),
    Case("RQ-106", TWO_COPIES, OK, "two copies"),
    Case(
        "RQ-107",
        edited("lsvg:rootvg", "STALE PPs:      0", "STALE PPs:      7"),
        BLOCKER,
        "7 stale partitions",
    ),
    Case("RQ-107", edited("lsvg_disks:rootvg", "active ", "missing"), BLOCKER, "hdisk0 is missing"),
    Case(
        "RQ-107",
        edited("lsvg:rootvg", "TOTAL PVs:          1", "TOTAL PVs:          2"),
        BLOCKER,
        "1 of 2 disks",
    ),
    Case(
        "RQ-112",
        {"cdroms": "cd0 Available  Virtual SCSI Optical Served by VIO Server\n"},
        BLOCKER,
        "cd0",
        curable=True,
        consent="remove_optical_devices",
    ),
    Case("RQ-112", {"tapes": "rmt0 Available 08-00-00-0,0 LVD SCSI 4mm Tape Drive\n"}, BLOCKER, "rmt0"),
    Case(
        "RQ-115",
        mounted("  /dev/cd0  /cdrom  cdrfs  Nov 07 19:11 ro"),
        BLOCKER,
        "/cdrom (cdrfs)",
        curable=True,
        consent="unmount_file_systems",
    ),
    Case("RQ-115", mounted("  /etc/auto_home  /home  autofs  Nov 07 19:11 ignore"), OK, "supported"),
    Case(
        "RQ-115",
        {**mounted("  /etc/auto_home  /home  autofs  Nov 07 19:11 ignore"), "oslevel": "7200-03-02-1846\n"},
        BLOCKER,
        "from 7200-04",
    ),
    Case("RQ-115", mounted("  /ahafs  /aha  ahafs  Nov 07 19:11 rw"), OK, "supported"),
    Case(
        "RQ-116",
        mounted("  /ahafs  /aha  ahafs  Nov 07 19:11 rw"),
        BLOCKER,
        "/aha",
        curable=True,
        consent="unmount_file_systems",
    ),
    Case("RQ-117", room("1408.20", "99.99"), BLOCKER, "at least 100 MB"),
    Case("RQ-117", room("100.00", "499.00"), WARNING, "500 MB are recommended"),
    Case("RQ-117", room("500.00", "500.00"), OK, "/var has 500 MB"),
    Case(
        "RQ-117", {"df": f"{DF_HEADING}/proc  -  -  -  -  -  /proc\n"}, FindingState.UNKNOWN, "no free room"
    ),
    Case("RQ-120", {}, BLOCKER, "not designated", clone=""),
    Case("RQ-120", edited("lspv", "altinst_rootvg", "None"), BLOCKER, "hdisk11 is designated"),
    Case("RQ-120", edited("lspv", "altinst_rootvg", "None"), BLOCKER, "no clone of rootvg", clone=""),
    Case(
        "RQ-121",
        {"bootlist": "hdisk11 blv=hd5 pathid=0\nhdisk0 blv=hd5\n"},
        WARNING,
        "begins with hdisk11",
        curable=True,
    ),
]


def test_the_ready_lpar_is_ready() -> None:
    found = {check_id: examine(CHECK[check_id], subject()) for check_id in NEEDS}
    assert {check_id: finding.state for check_id, finding in found.items()} == dict.fromkeys(NEEDS, OK)
    assert all(finding.outcome.evidence for finding in found.values())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check} {case.says}")
def test_finding(case: Case) -> None:
    finding = examine(CHECK[case.check], subject(case.changes, rollback_clone_disk=case.clone))
    assert finding.state == case.state
    assert case.says in finding.outcome.message
    assert (finding.outcome.curable, finding.outcome.consent) == (case.curable, case.consent)
    if case.state in (WARNING, BLOCKER):
        assert any(evidence.lines for evidence in finding.outcome.evidence) or case.says == "lists no session"


@pytest.mark.parametrize(
    ("check_id", "fact"), [(id_, fact) for id_, facts in NEEDS.items() for fact in facts]
)
@pytest.mark.parametrize("said", [None, Output("unverständlich\n"), Output("", "killed\n", None)])
def test_a_fact_without_a_value_makes_the_finding_unknown(
    check_id: str, fact: str, said: Output | None
) -> None:
    finding: Finding = examine(CHECK[check_id], subject({fact: said}))
    if fact == "lvupdate_data" and said is not None and said.status == 0:
        assert finding.state != FindingState.UNKNOWN, "any text is a readable file"
        return
    assert finding.state == FindingState.UNKNOWN
    if said is not None:
        raw = (said.stdout + said.stderr).strip()
        assert raw in finding.outcome.evidence[0].lines


def test_rmc_evidence_is_about_this_lpar_alone() -> None:
    other = (
        text("dlpar")
        .replace("<#0> Partition:<26*", "<#1> Partition:<3*")
        .replace("PinnedMem:<1499>", "PinnedMem:<7>")
    )
    finding = examine(CHECK["RQ-046"], subject({"dlpar": text("dlpar") + other}))
    shown = finding.outcome.evidence[-1].lines
    assert len(shown) == 2
    assert "Partition:<26*" in shown[0]
    assert "PinnedMem:<1499>" in shown[1]
