"""Alternate disks: `alt_disk_copy` and `alt_rootvg_op`."""

from inventory.lab.commands.aix.text import append
from inventory.lab.commands.call import Call, Usage, command
from inventory.lab.root_images import keep
from inventory.lab.world.model import Lpar

STEPS = (
    "Calling mkszfile to create new /image.data file.",
    "Checking disk sizes.",
    "Creating cloned rootvg volume group and associated logical volumes.",
    "Backing-up the rootvg files and restoring them to the alternate file system...",
    "Modifying ODM on cloned disk.",
    "Building boot image on cloned disk.",
    "Fixing LV control blocks...",
    "Fixing file system superblocks...",
)


def clone_seconds(lpar: Lpar) -> float:
    """How long a copy of rootvg takes, in simulated seconds."""
    used = sum(one.size_mb - one.free_mb for mp, one in lpar.filesystems.items() if mp != "/data")
    return 20 + 3 * used / 1024


@command("/usr/sbin/alt_disk_copy")
async def alt_disk_copy(call: Call) -> int:
    """Clone rootvg to free disks; -B leaves the boot list alone."""
    options, _ = call.options("Bd:gOP:")
    disks = options.get("d", "").split()
    if not disks:
        raise Usage("Usage: alt_disk_copy -d <target_disks...> [-B] [-g]")
    append(call, "/var/adm/ras/alt_disk_inst.log", f"cmd: {' '.join(call.argv)}\n")
    if problem := _target_problem(call, disks):
        return call.fail(problem)
    lpar = call.lpar
    for step in STEPS:
        call.line(step)
        await call.sleep(clone_seconds(lpar) * 3 / len(STEPS))
        if "alt_disk_failure" in call.lab.faults.of(call.host) and step == STEPS[3]:
            return call.fail("0505-127 alt_disk_install: restore of files failed, cleaning up.")
    for name in disks:
        lpar.disks[name].volume_group, lpar.disks[name].signature = "altinst_rootvg", False
    keep(call.lab, call.host, disks[0])
    if "B" not in options or "bootlist_touched" in call.lab.faults.of(call.host):
        lpar.bootlist = disks
        call.line(f"Bootlist is set to the boot disk: {disks[0]} blv=hd5")
    return 0


def _target_problem(call: Call, disks: list[str]) -> str:
    """Why the copy cannot go there; empty when it can."""
    for name in disks:
        disk = call.lpar.disks.get(name)
        if disk is None:
            return f"0505-128 alt_disk_install: target disk {name} is not defined."
        if "disk_taken" in call.lab.faults.of(call.host):
            disk.volume_group = "scratchvg"
        if disk.volume_group:
            return f"0505-126 alt_disk_install: target disk {name} has a volume group assigned to it."
    if call.lpar.in_group("altinst_rootvg"):
        return (
            "0505-102 alt_disk_install: mkvg has returned an error.\n"
            "0516-360 /usr/sbin/mkvg: The device name is already used; choose a different name."
        )
    return ""


@command("/usr/sbin/alt_rootvg_op")
async def alt_rootvg_op(call: Call) -> int:
    """Remove an alternate rootvg's definition (-X), or name its boot disk (-q)."""
    options, words = call.options("X:qd:WSv:")
    lpar = call.lpar
    if "X" in options:
        group = options["X"] or (words[0] if words else "altinst_rootvg")
        disks = lpar.in_group(group)
        if group == "rootvg" or not disks:
            return call.fail(f"0505-183 alt_rootvg_op: volume group {group} is not an alternate rootvg.")
        for name in disks:
            lpar.disks[name].volume_group, lpar.disks[name].signature = "", True
            lpar.images.pop(name, None)
        call.line(f"Bootlist is set to the boot disk: {lpar.bootlist[0]} blv=hd5")
    elif "q" in options:
        call.line(options.get("d", ""))
    return 0
