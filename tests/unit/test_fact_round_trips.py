"""Parsers against outputs made from known values, in the layouts that AIX and the HMC print.

The rendering here is written from the layouts alone and shares nothing with the parsers.
"""

import csv
import io
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.facts.base import Output
from inventory.facts.catalogue import fact_named

HEX = "0123456789abcdef"
WORD = st.from_regex(r"[a-z][a-z0-9_]{0,13}", fullmatch=True)
PVID = st.text(HEX, min_size=16, max_size=16).filter(lambda text: any(c.isdigit() for c in text))
PATH = st.from_regex(r"/[a-z0-9_.-]{1,12}(?:/[a-z0-9_.-]{1,9}){0,3}", fullmatch=True)
COUNT = st.integers(0, 99_999)
HMC_TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_characters="\x7f"), max_size=14
).map(str.strip)
few = settings(max_examples=30, deadline=None)


def value(fact: str, stdout: str) -> Any:
    return fact_named(fact).parse(Output(stdout))


@few
@given(
    st.lists(
        st.tuples(PVID | st.none(), WORD | st.none(), st.sampled_from(["active", "concurrent", ""])),
        min_size=1,
        max_size=12,
    )
)
def test_lspv(disks: list[tuple[str | None, str | None, str]]) -> None:
    lines = [
        f"{f'hdisk{at}':<16}{pvid or 'none':<36}{group or 'None':<16}{state if group else '':<12}"
        for at, (pvid, group, state) in enumerate(disks)
    ]
    found = value("lspv", "".join(f"{line}\n" for line in lines))
    assert [(each.name, each.pvid, each.volume_group, each.state) for each in found] == [
        (f"hdisk{at}", pvid or "", group or "", state if group else "")
        for at, (pvid, group, state) in enumerate(disks)
    ]


@few
@given(
    WORD, st.lists(st.tuples(st.sampled_from(["active", "missing"]), COUNT, COUNT), min_size=1, max_size=8)
)
def test_lsvg_disks(group: str, disks: list[tuple[str, int, int]]) -> None:
    lines = [f"{group}:", "PV_NAME           PV STATE          TOTAL PPs   FREE PPs    FREE DISTRIBUTION"]
    lines += [
        f"{f'hdisk{at}':<18}{state:<18}{total:<12}{free:<12}00..00..00..00..{free:02d}"
        for at, (state, total, free) in enumerate(disks)
    ]
    found = value("lsvg_disks", "\n".join(lines) + "\n")
    assert [(each.name, each.state, each.total_pps, each.free_pps) for each in found] == [
        (f"hdisk{at}", *disk) for at, disk in enumerate(disks)
    ]


@few
@given(
    st.lists(
        st.tuples(
            WORD, WORD, COUNT, COUNT, st.integers(1, 9), st.sampled_from(["open/syncd", "closed/stale"]), PATH
        ),
        max_size=9,
    )
)
def test_lsvg_volumes(volumes: list[tuple[str, str, int, int, int, str, str]]) -> None:
    text = "rootvg:\nLV NAME             TYPE       LPs     PPs     PVs  LV STATE      MOUNT POINT\n"
    for name, kind, lps, pps, pvs, state, mount_point in volumes:
        text += f"{name:<19} {kind:<10} {lps:<7} {pps:<7} {pvs:<4} {state:<13} {mount_point}\n"
    found = value("lsvg_volumes", text)
    assert [
        (each.name, each.type, each.lps, each.pps, each.pvs, each.state, each.mount_point) for each in found
    ] == volumes


@few
@given(st.lists(st.tuples(WORD, PATH, COUNT, COUNT, st.integers(0, 100)), min_size=1, max_size=9))
def test_df(systems: list[tuple[str, str, int, int, int]]) -> None:
    text = "Filesystem    MB blocks      Free %Used    Iused %Iused Mounted on\n"
    for device, mount_point, size, free, used in systems:
        text += f"{'/dev/' + device:<14} {size:>9}.00 {free:>9}.25 {used:>4}% {used:>8} {used:>5}%"
        text += f" {mount_point}\n"
    found = value("df", text)
    assert [(each.device, each.mount_point, float(each.size_mb), float(each.free_mb)) for each in found] == [
        (f"/dev/{device}", mount_point, size, free + 0.25) for device, mount_point, size, free, _ in systems
    ]


@few
@given(
    st.lists(
        st.tuples(WORD | st.just(""), PATH, PATH, st.sampled_from(["jfs2", "nfs3"])), min_size=1, max_size=8
    )
)
def test_mount(mounts: list[tuple[str, str, str, str]]) -> None:
    text = "  node       mounted        mounted over    vfs       date        options      \n"
    text += "-------- ---------------  ---------------  ------ ------------ --------------- \n"
    for node, device, mount_point, vfs in mounts:
        text += f"{node:<8} {device:<16} {mount_point:<16} {vfs:<6} Nov 07 19:11 rw,log=/dev/hd8 \n"
    found = value("mount", text)
    assert [(each.node, each.device, each.mount_point, each.vfs) for each in found] == mounts


@few
@given(st.lists(st.tuples(WORD, WORD | st.just(""), st.integers(1, 99_999_999) | st.none()), max_size=9))
def test_lssrc(subsystems: list[tuple[str, str, int | None]]) -> None:
    text = "Subsystem         Group            PID          Status \n"
    for name, group, pid in subsystems:
        text += f" {name:<16} {group:<16} {pid or '':<12} {'active' if pid else 'inoperative'}\n"
    found = value("lssrc", text)
    assert [(each.name, each.group, each.pid) for each in found] == subsystems


@few
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["S", "Q", "M", "SP"]),
            st.from_regex(r"I[JV][0-9]{5}[sm][0-9][a-z]", fullmatch=True),
            st.from_regex(r"IJ[0-9]{5}s1a|", fullmatch=True),
            st.from_regex(r"[A-Za-z][A-Za-z0-9 .]{0,30}[a-z]|", fullmatch=True),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_emgr_list(fixes: list[tuple[str, str, str, str]]) -> None:
    text = "ID  STATE LABEL      INSTALL TIME      UPDATED BY ABSTRACT\n"
    text += "=== ===== ========== ================= ========== ======================================\n"
    for number, (state, label, updated_by, abstract) in enumerate(fixes, 1):
        shown = "*Q*" if state == "Q" else state
        text += f"{number:<3} {shown:^5} {label:<10} 04/30/20 11:03:46 {updated_by:<10} {abstract:<38}\n"
    found = value("emgr_list", f"{text}\nSTATE codes:\n S = STABLE\n")
    assert [(each.state, each.label, each.updated_by, each.abstract) for each in found] == fixes


@few
@given(st.lists(st.tuples(HMC_TEXT.filter(bool), st.integers(1, 65535), HMC_TEXT), min_size=1, max_size=6))
def test_managed_systems_with_any_name(systems: list[tuple[str, int, str]]) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows((name, str(at), state) for name, at, state in systems)
    found = value("managed_systems", written.getvalue())
    assert [(each.name, each.serial, each.state) for each in found] == [
        (name, str(at), state) for name, at, state in systems
    ]


@few
@given(
    st.lists(
        st.tuples(
            st.integers(1, 999),
            WORD | st.just(""),
            st.booleans(),
            st.sampled_from(["AIX, 7.2, 7200-04-02-2028", " , , "]),
        ),
        max_size=6,
    )
)
def test_dlpar(partitions: list[tuple[int, str, bool, str]]) -> None:
    text = ""
    for at, (number, host, active, system) in enumerate(partitions):
        text += f"<#{at}> Partition:<{number}*9009-42A*78AB123, {host}, 10.0.0.{at}>\n"
        text += f"       Active:<{int(active)}>, OS:<{system}>, DCaps:<0xc2c5f>, "
        text += "CmdCaps:<0x4000003b, 0x3b>, PinnedMem:<9>\n"
    found = value("dlpar", text)
    assert [(each.lpar_id, each.host_name, each.active, each.os) for each in found] == [
        (number, host, active, system.strip(", ")) for number, host, active, system in partitions
    ]
