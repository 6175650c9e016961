"""Parsers against outputs captured on real machines, which lie outside the repository.

CAPTURES_DIR names their folder (default: `../shared/real_outputs` beside the repository). A folder
that is not there is a failure.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from inventory.facts.base import Output, Unparsable
from inventory.facts.catalogue import fact_named

REPOSITORY = Path(__file__).parents[2]
CAPTURES = Path(os.environ.get("CAPTURES_DIR", REPOSITORY.parent / "shared" / "real_outputs"))

pytestmark = pytest.mark.captures


def value(fact: str, name: str) -> Any:
    return fact_named(fact).parse(Output((CAPTURES / name).read_bytes().decode()))


def test_lspv() -> None:
    (disk,) = value("lspv", "aix/lspv.1.txt")
    assert (disk.name, disk.pvid, disk.volume_group, disk.state) == (
        *("hdisk0", "testid0998"),
        *("rootvg", "active"),
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("aix/lsvg-rootvg.1.txt", ("rootvg", 32, 798, 201, 2, 2, 0, 0)),
        ("aix/lsvg.1.txt", ("testvg", 16, 2550, 2550, 2, 2, 0, 0)),
    ],
)
def test_lsvg(name: str, expected: tuple[Any, ...]) -> None:
    group = value("lsvg", name)
    assert (
        *(group.name, group.pp_size_mb, group.total_pps, group.free_pps),
        *(group.total_pvs, group.active_pvs, group.stale_pvs, group.stale_pps),
    ) == expected


def test_lsvg_volumes() -> None:
    volumes = value("lsvg_volumes", "aix/lsvg-l-rootvg.1.txt")
    assert len(volumes) == 17
    assert {volume.copies for volume in volumes} == {1}
    assert volumes[-1].mount_point == "/opt/best1"


def test_mount() -> None:
    mounts = value("mount", "aix/mount.1.txt")
    assert [each.vfs for each in mounts] == ["jfs2"] * 6 + ["procfs", "jfs2", "jfs2", "ahafs"]
    assert mounts[8].mount_point == "/var/adm/ras/livedump"
    assert mounts[9].options == "rw"


def test_df() -> None:
    systems = {each.mount_point: each.free_mb for each in value("df", "aix/df.1.txt")}
    assert len(systems) == 11
    assert round(systems["/"] or 0) == 273
    assert systems["/proc"] is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("aix/lparstat-i.1.txt", ("sample2", 61, "0.30", 16384, 16384, "Dedicated")),
        ("aix/lparstat-i.2.txt", ("sample4", 1, "2.00", 16384, 8192, "")),
    ],
)
def test_lparstat(name: str, expected: tuple[Any, ...]) -> None:
    found = value("lparstat", name)
    assert (
        *(found.partition_name, found.partition_number, str(found.entitled_capacity)),
        *(found.online_memory_mb, found.minimum_memory_mb, found.memory_mode),
    ) == expected


def test_paging() -> None:
    paging = value("paging", "aix/lsps-s.1.txt")
    assert (paging.total_mb, paging.used_percent) == (512, 1)


def test_managed_systems() -> None:
    (system,) = value("managed_systems", "hmc/lssyscfg-r-sys-F-name-serial_num-state.1.txt")
    assert (system.name, system.serial, system.state) == ("9131-52A-6535CCG", "6535CCG", "Operating")


def test_lpars() -> None:
    lpars = value("lpars", "hmc/lssyscfg-r-lpar.1.txt")
    assert [(each.name, each.lpar_id, each.state, each.rmc_state) for each in lpars] == [
        ("nim1", 5, "Running", "active"),
        ("vios2", 3, "Running", "inactive"),
        ("vios1", 2, "Running", "inactive"),
        ("dump", 1, "Not Activated", "inactive"),
    ]


def test_memory_system() -> None:
    memory = value("memory_system", "hmc/lshwres-r-mem-level-sys.1.txt")
    assert (memory.configurable_mb, memory.available_mb) == (32768, 13696)


def test_hmc_version() -> None:
    version = value("hmc_version", "hmc/lshmc-V.1.txt")
    assert (version.version, version.release, version.base_version) == ("7", "7.9.0", "V7R7.9.0")


def test_hmc_user() -> None:
    said = (CAPTURES / "hmc/lshmcusr.1.txt").read_text().splitlines(keepends=True)[2]
    user = fact_named("hmc_user").parse(Output(said))
    assert (user.name, user.task_role, user.resource_role) == ("hscroot", "hmcsuperadmin", "ALL:")


def test_emgr_list() -> None:
    ifixes = value("emgr_list", "aix/emgr-l.1.txt")
    assert [(each.id, each.state, each.label) for each in ifixes] == [
        (1, "S", "IJ20785s2a"),
        (2, "S", "IJ17065m3a"),
        (3, "Q", "IJ09625s2a"),
        (4, "S", "IJ11550s0a"),
    ]
    assert ifixes[0].abstract == "tcpdump CVEs fixed"
    assert value("emgr_list", "aix/emgr-l.2.txt") == ()


def test_the_other_listing_of_lslpp_is_not_mistaken_for_it() -> None:
    with pytest.raises(Unparsable, match="header"):
        value("lslpp", "aix/lslpp-lc.1.txt")
