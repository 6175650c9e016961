"""`shutdown`: a reboot ends processes and sessions, and starts what the first disk of the boot list holds.

An LPAR that finds no rootvg there stays in firmware, which only its console on the HMC shows.
"""

import asyncio
import signal
from typing import TYPE_CHECKING

from inventory.lab.commands.aix.filesystems import unmounted
from inventory.lab.commands.aix.workload import inittab_entry, new_pid
from inventory.lab.commands.call import Call, Kind, command, now
from inventory.lab.root_images import start_from
from inventory.lab.servers.processes import host_processes, signal_all
from inventory.lab.world.efixes import activate_kernel
from inventory.lab.world.model import ErrorEntry, Lpar
from inventory.lab.world.scenario import kernel_version

if TYPE_CHECKING:
    from inventory.lab.lab import Lab

DOWN_S = 180.0
RMC_S = 120.0
"""After a start RMC takes a while to find the HMC."""


@command("/usr/sbin/shutdown", on=(Kind.LPAR,))
async def shutdown(call: Call) -> int:
    """Reboot (-Fr); nothing else is simulated."""
    options, _ = call.options("Frhk")
    if "r" not in options:
        return call.fail("shutdown: only -Fr is simulated")
    call.line("\nSHUTDOWN PROGRAM\n")
    asyncio.get_running_loop().create_task(reboot(call.lab, call.host))
    return 0


async def reboot(lab: "Lab", host: str) -> None:
    """Take a host down and bring it up again after simulated minutes."""
    front = lab.hosts[host].endpoint.front
    lpar = lab.system_of(host)
    lab.updates.interrupt(host)
    await front.refuse(True)
    front.drop()
    signal_all(host_processes(lab.directory, host), signal.SIGKILL)
    lpar.errors.append(
        ErrorEntry("2BFA76F6", now(), "T", "S", "SYSPROC", "SYSTEM SHUTDOWN BY USER", "REBOOT_ID")
    )
    contact = lab.world.partition_of(lpar).rmc_state if host in lab.world.lpars else ""
    _partition(lab, lpar, "Shutting Down")
    await lab.sleep(DOWN_S / 3)
    _partition(lab, lpar, "Open Firmware", "CA00E174")
    if not _starts(lab, host):
        _partition(lab, lpar, "Open Firmware", "AA06001B")
        return
    await lab.sleep(DOWN_S * 2 / 3)
    _boot(lab, host, lpar)
    _partition(lab, lpar, "Running")
    asyncio.get_running_loop().create_task(_in_contact(lab, lpar, contact))
    (lab.root_of(host) / "proc/version").write_text(kernel_version(lpar.kernel_level, lpar.kernel_ifix))
    lpar.errors.append(
        ErrorEntry("9DBCFDEE", now(), "T", "O", "errdemon", "ERROR LOGGING TURNED ON", "ERRLOG_ON")
    )
    lab.touch()
    if "refuse" not in lab.faults.of(host):
        await front.refuse(False)


def _starts(lab: "Lab", host: str) -> bool:
    lpar = lab.system_of(host)
    disk = lpar.bootlist[0]
    alternate = disk in lpar.disks and lpar.disks[disk].volume_group != "rootvg"
    if alternate and "clone_no_boot" in lab.faults.of(host):
        return False
    return start_from(lab, host, disk)


def _partition(lab: "Lab", lpar: Lpar, state: str, refcode: str = "") -> None:
    """What the HMC shows; RMC has no contact with a partition that restarts."""
    if lpar.name in lab.world.lpars:
        partition = lab.world.partition_of(lpar)
        partition.state, partition.refcode, partition.rmc_state = state, refcode, "inactive"
        lab.touch()


async def _in_contact(lab: "Lab", lpar: Lpar, contact: str) -> None:
    await lab.sleep(RMC_S)
    if lpar.name in lab.world.lpars:
        lab.world.partition_of(lpar).rmc_state = contact
        lab.touch()


def _boot(lab: "Lab", host: str, lpar: Lpar) -> None:
    activate_kernel(lpar)
    for mount in [one for one in lpar.mounts if one.node or one.vfs == "ahafs"]:
        unmounted(lab, host, mount)
    entry = inittab_entry(lab.root_of(host), "rcnetwlm")
    lpar.wlm = "passive" if entry and entry.split(":")[2] != "off" else "stopped"
    lpar.tokens, lpar.powervc_tokens = [], []
    for subsystem in lpar.subsystems.values():
        if subsystem.pid:
            subsystem.pid, subsystem.stale = new_pid(lpar), False
    for process in lpar.processes:
        process.stale = False
        if process.pid != 1:
            process.pid = new_pid(lpar)
