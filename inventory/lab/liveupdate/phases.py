"""What the phases of a Live Update do to the HMC's partitions, the disks and the system."""

import copy
import uuid
from typing import TYPE_CHECKING

from inventory.lab.commands.aix.workload import new_pid
from inventory.lab.commands.call import now
from inventory.lab.world.efixes import activate_kernel
from inventory.lab.world.frame import Partition
from inventory.lab.world.model import Disk, ErrorEntry, Lpar, World
from inventory.lab.world.scenario import kernel_version

if TYPE_CHECKING:
    from inventory.lab.lab import Lab

SUFFIX = "_lku0"
RESTARTED = ("errdemon", "syncd")


def log_error(lpar: Lpar, identifier: str, resource: str, description: str, kind: str = "IS") -> None:
    """Add to the error log; `kind` is type and class."""
    lpar.errors.append(ErrorEntry(identifier, now(), kind[0], kind[1], resource, description, "LVUPD"))


def create_surrogate(world: World, lpar: Lpar) -> Partition:
    """Rename the original and define the surrogate under its name."""
    original = world.partition_of(lpar)
    surrogate = copy.copy(original)
    surrogate.lpar_id = world.system.free_id()
    surrogate.uuid = str(uuid.uuid4()).upper()
    surrogate.state, surrogate.rmc_state = "Not Activated", "inactive"
    surrogate.address = surrogate.owner = ""
    original.name += SUFFIX
    world.system.partitions.append(surrogate)
    lpar.progress.original_id, lpar.progress.surrogate_id = original.lpar_id, surrogate.lpar_id
    return surrogate


def surrogate_state(world: World, lpar: Lpar, state: str, refcode: str = "") -> None:
    """What the HMC says of the surrogate."""
    surrogate = world.system.by_id(lpar.progress.surrogate_id)
    if surrogate is not None:
        surrogate.state, surrogate.refcode = state, refcode


def move_workload(lab: "Lab", host: str, *, patched: bool = False) -> None:
    """The point where the surrogate becomes the LPAR: new id, RMC, kernel; same partition UUID.

    `patched`: it brings interim fixes.
    """
    lpar = lab.system_of(host)
    system = lab.world.system
    original = system.by_id(lpar.progress.original_id)
    surrogate = system.by_id(lpar.progress.surrogate_id)
    if original is None or surrogate is None:
        return
    surrogate.uuid, original.uuid = original.uuid, surrogate.uuid
    surrogate.address, original.address = original.address, ""
    surrogate.owner, original.owner = original.owner, ""
    surrogate.rmc_state, original.rmc_state = "active", "inactive"
    lpar.partition_id = surrogate.lpar_id
    updated = patched or lpar.kernel_level != lpar.level
    activate_kernel(lpar)
    (lab.root_of(host) / "proc/version").write_text(kernel_version(lpar.level, lpar.kernel_ifix))
    log_error(lpar, "9DBCFDEE", "errdemon", "ERROR LOGGING TURNED ON", "TO")
    log_error(lpar, "CB4A951F", "SRC", "SOFTWARE PROGRAM ERROR")
    for process in lpar.processes:
        if process.command.split()[0].rpartition("/")[2] in RESTARTED:
            process.pid, process.stale = new_pid(lpar), False
        elif process.pid != 1:
            process.stale = process.stale or updated
    for subsystem in lpar.subsystems.values():
        subsystem.stale = bool(subsystem.pid) and (subsystem.stale or updated)


def remove_original(world: World, lpar: Lpar, *, definition: bool = True) -> None:
    """The original is gone; mhdisk is free again, nhdisk keeps what booted the surrogate.

    Disks that PowerVC lent go back. Without `definition` the HMC keeps it, shut down.
    """
    original = world.system.by_id(lpar.progress.original_id)
    if original is not None and definition:
        world.system.partitions.remove(original)
    elif original is not None:
        original.state = "Not Activated"
    if world.keep_lpar_id and definition:
        part = world.partition_of(lpar)
        part.lpar_id = lpar.partition_id = lpar.progress.original_id
    free_mirror(lpar)
    return_disks(lpar)


def borrow_disks(lpar: Lpar) -> None:
    """PowerVC makes the two disks of a Live Update and maps them to the LPAR."""
    size = sum(lpar.disks[name].size_mb for name in lpar.in_group("rootvg"))
    number = 1 + max(int(name.removeprefix("hdisk")) for name in lpar.disks)
    progress = lpar.progress
    progress.nhdisk, progress.mhdisk, progress.disks_lent = f"hdisk{number}", f"hdisk{number + 1}", True
    for name in (progress.nhdisk, progress.mhdisk):
        lpar.disks[name] = Disk(size, uuid.uuid4().hex[:16], volume=f"pvc_{lpar.name}_{name}")


def return_disks(lpar: Lpar) -> None:
    """PowerVC takes its disks back."""
    progress = lpar.progress
    if progress.disks_lent:
        lpar.disks.pop(progress.nhdisk, None)
        lpar.disks.pop(progress.mhdisk, None)
        progress.disks_lent = False


def set_group(lpar: Lpar, disk: str, group: str) -> None:
    """A disk changes its volume group."""
    if disk in lpar.disks:
        lpar.disks[disk].volume_group = group


def mirror(lpar: Lpar) -> None:
    """rootvg gets its second copy on mhdisk."""
    disk = lpar.disks[lpar.progress.mhdisk]
    disk.volume_group, disk.active = "rootvg", True
    lpar.groups["rootvg"].copies += 1


def free_mirror(lpar: Lpar) -> None:
    """The copy on mhdisk is gone."""
    disk = lpar.disks.get(lpar.progress.mhdisk)
    if disk is not None and disk.volume_group == "rootvg":
        disk.volume_group, disk.active = "", False
        lpar.groups["rootvg"].copies -= 1


def undo(world: World, lpar: Lpar, *, definition: bool = True) -> None:
    """Cleanup before the move: the surrogate's definition goes, the original gets its name back.

    Without `definition` the HMC keeps both as they are.
    """
    if definition:
        _undo_partitions(world, lpar)
    free_mirror(lpar)
    disk = lpar.disks.get(lpar.progress.nhdisk)
    if disk is not None and disk.volume_group in ("altinst_rootvg", "lvup_rootvg"):
        disk.volume_group = ""
    return_disks(lpar)


def _undo_partitions(world: World, lpar: Lpar) -> None:
    system = world.system
    surrogate = system.by_id(lpar.progress.surrogate_id) if lpar.progress.surrogate_id else None
    if surrogate is not None and surrogate.lpar_id != lpar.partition_id:
        system.partitions.remove(surrogate)
    original = world.partition_of(lpar)
    original.name = original.name.removesuffix(SUFFIX)
