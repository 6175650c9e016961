"""Disks and volume groups: `lspv`, `lsvg`, `getconf`, `bootinfo`, `lsmpio`, `lspath`, `bootlist`, `lsps`."""

from inventory.lab.commands.call import Call, command
from inventory.lab.world.model import Disk, Lpar

SYSTEM_GROUPS = ("altinst_rootvg", "lvup_rootvg", "old_rootvg")


def pp_mb(lpar: Lpar, group: str) -> int:
    """The partition size of a volume group; a clone has its origin's."""
    return lpar.groups["rootvg" if group in SYSTEM_GROUPS else group].pp_mb


def total_pps(lpar: Lpar, disk: Disk) -> int:
    """Physical partitions of a disk in its volume group (one is lost to the VGDA)."""
    return disk.size_mb // pp_mb(lpar, disk.volume_group) - 1


def used_pps(lpar: Lpar, group: str) -> int:
    """Physical partitions that one copy of a group's volumes takes."""
    source = "rootvg" if group in SYSTEM_GROUPS else group
    return sum(volume.lps for volume in lpar.groups[source].volumes)


@command("/usr/sbin/lspv")
async def lspv(call: Call) -> int:
    """All physical volumes, or one in detail."""
    _, names = call.options("ulpMLn:v:")
    lpar = call.lpar
    if not names:
        for name, disk in lpar.disks.items():
            state = "active" if disk.active else ""
            call.line(f"{name:<16}{disk.pvid:<36}{disk.volume_group or 'None':<16}{state}".rstrip())
        return 0
    name = names[0]
    one = lpar.disks.get(name)
    if one is None:
        return call.fail(f"0516-1396 : The physical volume {name}, was not found in the\nsystem database.")
    if not one.volume_group:
        return call.fail(f"0516-320 : Physical volume {name} is not assigned to\n        a volume group.")
    if not one.active:
        return call.fail("0516-010 : Volume group must be varied on; use varyonvg command.")
    _detail(call, lpar, name, one)
    return 0


def _detail(call: Call, lpar: Lpar, name: str, disk: Disk) -> None:
    group = disk.volume_group
    size, total = pp_mb(lpar, group), total_pps(lpar, disk)
    used = used_pps(lpar, group)
    call.line(f"PHYSICAL VOLUME:    {name:<24} VOLUME GROUP:     {group}")
    call.line(f"PV IDENTIFIER:      {disk.pvid} VG IDENTIFIER     {lpar.groups[group].identifier}")
    call.line("PV STATE:           active")
    call.line(f"STALE PARTITIONS:   {lpar.groups[group].stale_pps:<24} ALLOCATABLE:      yes")
    call.line(
        f"PP SIZE:            {f'{size} megabyte(s)':<24} LOGICAL VOLUMES:  {len(lpar.groups[group].volumes)}"
    )
    call.line(f"TOTAL PPs:          {f'{total} ({total * size} megabytes)':<24} VG DESCRIPTORS:   2")
    call.line(
        f"FREE PPs:           {f'{total - used} ({(total - used) * size} megabytes)':<24} HOT "
        "SPARE:        no"
    )
    call.line(
        f"USED PPs:           {f'{used} ({used * size} megabytes)':<24} MAX REQUEST:      256 kilobytes"
    )
    call.line(f"FREE DISTRIBUTION:  {distribution(total, total - used)}")
    call.line("MIRROR POOL:        None")


def distribution(total: int, free: int) -> str:
    """Free partitions in the disk's five regions, outer edge first."""
    region = (total + 4) // 5
    last = min(free, region)
    fourth = min(free - last, region - 10)
    first = free - last - fourth
    return "..".join(f"{count:02d}" for count in (first, 0, 0, fourth, last))


@command("/usr/sbin/lsvg")
async def lsvg(call: Call) -> int:
    """Volume groups: names, one in general, its disks (-p), its volumes (-l)."""
    options, names = call.options("opliLMmn:P")
    lpar = call.lpar
    if not names:
        online = [group for group in lpar.groups if lpar.in_group(group)]
        offline = [group for group in SYSTEM_GROUPS if lpar.in_group(group) and "o" not in options]
        call.out("".join(f"{group}\n" for group in (*online, *offline)))
        return 0
    for group in names:
        if group in SYSTEM_GROUPS and lpar.in_group(group):
            return call.fail("0516-010 : Volume group must be varied on; use varyonvg command.")
        if group not in lpar.groups:
            return call.fail(
                f"0516-306 : Unable to find volume group {group} in the Device\n"
                "        Configuration Database."
            )
        if "p" in options:
            _disks(call, lpar, group)
        elif "l" in options:
            _volumes(call, lpar, group)
        else:
            _general(call, lpar, group)
    return 0


def _disks(call: Call, lpar: Lpar, group: str) -> None:
    call.line(f"{group}:")
    call.line("PV_NAME           PV STATE          TOTAL PPs   FREE PPs    FREE DISTRIBUTION")
    for name in lpar.in_group(group):
        total = total_pps(lpar, lpar.disks[name])
        free = total - used_pps(lpar, group)
        call.line(f"{name:<17} {'active':<17} {total:<11} {free:<11} {distribution(total, free)}")


def _volumes(call: Call, lpar: Lpar, group: str) -> None:
    copies = lpar.groups[group].copies
    call.line(f"{group}:")
    call.line("LV NAME             TYPE       LPs     PPs     PVs  LV STATE      MOUNT POINT")
    for volume in lpar.groups[group].volumes:
        state = volume.state.replace("syncd", "stale") if lpar.groups[group].stale_pps else volume.state
        call.line(
            f"{volume.name:<19} {volume.type:<10} {volume.lps:<7} {volume.lps * copies:<7} {copies:<4} "
            f"{state:<13} {volume.mount_point}"
        )


def _general(call: Call, lpar: Lpar, group: str) -> None:
    one = lpar.groups[group]
    disks = [lpar.disks[name] for name in lpar.in_group(group)]
    total = sum(total_pps(lpar, disk) for disk in disks)
    used = used_pps(lpar, group) * one.copies
    free = 0 if one.full else total - used
    opened = sum(volume.state.startswith("open") for volume in one.volumes)
    stale = int(bool(one.stale_pps))
    size = one.pp_mb
    rows = (
        ("VOLUME GROUP:", group, "VG IDENTIFIER:", one.identifier),
        ("VG STATE:", "active", "PP SIZE:", f"{size} megabyte(s)"),
        ("VG PERMISSION:", "read/write", "TOTAL PPs:", f"{total} ({total * size} megabytes)"),
        ("MAX LVs:", "256", "FREE PPs:", f"{free} ({free * size} megabytes)"),
        ("LVs:", str(len(one.volumes)), "USED PPs:", f"{total - free} ({(total - free) * size} megabytes)"),
        ("OPEN LVs:", str(opened), "QUORUM:", "2 (Enabled)" if len(disks) == 1 else "1 (Disabled)"),
        ("TOTAL PVs:", str(len(disks)), "VG DESCRIPTORS:", str(len(disks) + 1)),
        ("STALE PVs:", str(stale), "STALE PPs:", str(one.stale_pps)),
        ("ACTIVE PVs:", str(len(disks)), "AUTO ON:", "yes"),
        ("MAX PPs per VG:", "32512", "", ""),
        ("MAX PPs per PV:", "1016", "MAX PVs:", "32"),
        ("LTG size (Dynamic):", "256 kilobyte(s)", "AUTO SYNC:", "no"),
        ("HOT SPARE:", "no", "BB POLICY:", "relocatable"),
        ("PV RESTRICTION:", "none", "INFINITE RETRY:", "no"),
        ("DISK BLOCK SIZE:", "512", "CRITICAL VG:", "no"),
        ("FS SYNC OPTION:", "no", "CRITICAL PVs:", "no"),
        ("ENCRYPTION:", "yes" if one.encrypted else "no", "", ""),
    )
    for left, first, right, second in rows:
        call.line(f"{left:<19} {first:<24} {right:<15} {second}".rstrip())


@command("/usr/bin/getconf")
async def getconf(call: Call) -> int:
    """DISK_SIZE of a disk, and a few variables of the kernel."""
    known = {"KERNEL_BITMODE": "64", "REAL_MEMORY": str(8192 * 1024), "BOOT_DEVICE": call.lpar.bootlist[0]}
    match call.argv[1:]:
        case ["DISK_SIZE", device]:
            return _size(call, device)
        case [name] if name in known:
            call.line(known[name])
            return 0
    return call.fail("getconf: 0506-213 Specified variable is not supported.")


@command("/usr/sbin/bootinfo")
async def bootinfo(call: Call) -> int:
    """The size of a disk (-s), the boot disk (-b), the kernel's width (-K)."""
    options, _ = call.options("s:bKyr")
    if "s" in options:
        return _size(call, options["s"])
    call.line(call.lpar.bootlist[0] if "b" in options else "64")
    return 0


def _size(call: Call, device: str) -> int:
    disk = call.lpar.disks.get(device.rpartition("/")[2].removeprefix("rhdisk"))
    if disk is None:
        return call.fail(f"{call.argv[0]}: 0506-212 Specified device {device} does not exist.")
    call.line(str(disk.size_mb))
    return 0


@command("/usr/sbin/lsmpio")
async def lsmpio(call: Call) -> int:
    """MPIO disks: with -q their sizes and volumes, else their paths."""
    options, _ = call.options("ql:r")
    wanted = {name: disk for name, disk in call.lpar.disks.items() if options.get("l", name) == name}
    if "q" in options:
        call.line("Device           Vendor Id  Product Id       Size       Volume Name")
        call.line("-" * 81)
        for name, disk in wanted.items():
            size = f"{disk.size_mb / 1024:.2f}GiB"
            call.line(f"{name:<17}{'IBM':<11}{'2145':<17}{size:>10} {disk.volume}")
        return 0
    call.line("name    path_id  status   path_status  parent  connection")
    for name in wanted:
        for path in (0, 1):
            call.line(f"{name:<8}{path:<9}{'Enabled':<9}{'Opt,Sel':<13}fscsi{path:<3}5005076801{path}0a1b2,0")
    return 0


@command("/usr/sbin/lspath")
async def lspath(call: Call) -> int:
    """Paths of the disks, over two adapters each."""
    options, _ = call.options("l:F:H")
    for name, disk in call.lpar.disks.items():
        if options.get("l", name) == name:
            for parent in ("fscsi0", "fscsi1"):
                status = "Failed" if parent in disk.failed_paths else "Enabled"
                call.line(status if options.get("F") == "status" else f"{status:<7} {name} {parent}")
    return 0


@command("/usr/bin/bootlist")
async def bootlist(call: Call) -> int:
    """Show or set the normal boot list."""
    options, disks = call.options("m:oir")
    lpar = call.lpar
    if "o" in options:
        for disk in lpar.bootlist:
            for path in (0, 1):
                call.line(f"{disk} blv=hd5 pathid={path}")
        return 0
    for disk in disks:
        if disk not in lpar.disks:
            return call.fail(f"0514-221 bootlist: Unable to make boot device list for {disk}.")
    lpar.bootlist = disks or lpar.bootlist
    return 0


@command("/usr/sbin/lsps")
async def lsps(call: Call) -> int:
    """Paging space: summary (-s) or each (-a)."""
    options, _ = call.options("sa")
    lpar = call.lpar
    if "s" in options:
        call.line("Total Paging Space   Percent Used")
        call.line(f"{lpar.paging_mb:>9}MB{lpar.paging_percent:>16}%")
        return 0
    call.line(
        "Page Space      Physical Volume   Volume Group    Size %Used   Active    Auto    Type   Chksum"
    )
    disk = lpar.in_group("rootvg")[0]
    call.line(
        f"hd6             {disk:<17} rootvg       {lpar.paging_mb:>5}MB {lpar.paging_percent:>5}"
        "     yes     yes      lv        0"
    )
    return 0
