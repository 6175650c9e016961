"""Where the faults bite: each function returns what a phase prints when it fails, else nothing."""

from typing import TYPE_CHECKING

from inventory.lab.commands.call import now
from inventory.lab.faults import Strikes
from inventory.lab.liveupdate import logs, texts

if TYPE_CHECKING:
    from inventory.lab.liveupdate.operation import Operation

MOVING = "1430-030 An error occurred while moving the workload."
NOTIFYING = "1430-025 An error occurred while notifying applications."
NOT_FOUND = 127
SCRIPTS = {"P3": ("/opt/triton/daemon-stop", 1), "P5": ("/usr/lpp/nfs/autofs/autofs_lku orig", 127)}


def _faults(operation: "Operation") -> Strikes:
    return operation.lab.faults.of(operation.host)


def install(operation: "Operation", *, licences: bool) -> str:
    """Before anything is installed."""
    if not licences:
        return texts.NO_LICENCE
    if "install_failure" in _faults(operation):
        return "0503-409 installp: bosboot verification starting...\n0503-497 installp: An error occurred.\n"
    return ""


def notification(operation: "Operation") -> str:
    """LVUP_CHECK: a registered script fails; pfcdaemon's does so whenever the daemon is down."""
    registered = [script for script in operation.lpar.scripts if script.phase == "LVUP_CHECK"]
    wanted = _faults(operation).get("notification_script", "")
    daemon = operation.lpar.subsystems.get("pfcdaemon")
    if not wanted and daemon is not None and not daemon.pid:
        wanted = "P3"
    missing = operation.lpar.missing_scripts
    failing = {script.command: NOT_FOUND for script in registered if script.command in missing}
    forced, forced_status = SCRIPTS.get(wanted, ("", 0))
    if any(script.command == forced for script in registered):
        failing = {forced: forced_status}
    if not failing:
        return ""
    command, status = next(iter(failing.items()))
    text = f"1430-134 Notification script '{command}' failed with exit status {status}"
    logs.write(operation.call, "ERROR", "lvup_callout", text)
    return f"{text}\n{NOTIFYING}"


def resources(operation: "Operation") -> str:
    """The console is asked for memory, cores and a partition."""
    lab = operation.lab
    part = lab.world.partition_of(operation.lpar)
    if operation.lpar.progress.disks_lent:
        return _refused_by_powervc(operation)
    if lab.faults.silences(lab.world.hmc.name):
        _rpp(operation, "librpp error: No valid management console to execute the request")
        return f"1430-032 The management console {lab.world.hmc.name} does not respond."
    if lab.updates.free_memory() < part.mem:
        _rpp(operation, "librpp error: HSCL03F4 There is not enough memory available")
        return "1430-033 HSCL03F4 There is not enough memory available for the surrogate partition."
    if lab.updates.free_units() < part.units:
        _rpp(operation, "librpp error: HSCL03EC There are not enough processing units available")
        return "1430-033 HSCL03EC There are not enough processor resources available for the surrogate."
    return ""


def _refused_by_powervc(operation: "Operation") -> str:
    """PowerVC is asked in the HMC's place; its session may have expired meanwhile."""
    active = _faults(operation)
    if "powervc_session_lost" in active:
        operation.lpar.powervc_tokens = []
        logs.write(operation.call, "ERROR", "libpvc", "The request you have made requires authentication.")
        return "1430-034 PowerVC refused the request: the authentication has expired (HTTP 401)."
    if "powervc_down" in active:
        logs.write(operation.call, "ERROR", "libpvc", "No valid management console to execute the request")
        return "1430-032 The management console does not respond."
    return ""


def clone(operation: "Operation") -> str:
    """Half-way through alt_disk_copy."""
    if "alt_disk_failure" not in _faults(operation):
        return ""
    return "0505-127 alt_disk_install: restore of files failed, cleaning up.\n1430-021 alt_disk_copy failed."


def hangs(operation: "Operation") -> bool:
    """Whether the surrogate never comes up."""
    return "surrogate_hang" in _faults(operation)


def boot(operation: "Operation") -> str:
    """The surrogate's first boot."""
    return "1430-022 The surrogate LPAR did not finish its boot in time." if hangs(operation) else ""


def blackout(operation: "Operation") -> str:
    """In the blackout: the original resumes."""
    active = _faults(operation)
    if "kernel_failure" in active and any(one.user != "root" for one in operation.lpar.processes):
        logs.line(
            operation.call,
            "mcr: cke_errno 52 cke_Sy_error 23349 cke_Xtnd_error 534 cke_buf /usr/lib/libC.a(shr_64.o)",
        )
        return (
            "1020-007 System call mcrk_sys_spl_getfd error (50). [03.156.0064]\n"
            "1020-007 System call mcrk_sys_spl_getfd error (50). [03.156.0064]\n"
            "1020-007 System call MCR_GET_SHLIB_ASYNCINFO error (52). A file, file system or "
            "message queue is "
            f"no longer available. [02.239.0142]\n........{MOVING}"
        )
    holders = [one.pid for one in operation.lpar.processes if one.proc_open]
    holders += [one.pid for one in operation.lpar.subsystems.values() if one.pid and one.proc_open]
    if "procfs_open" in active or holders:
        return _denied(operation, holders[0] if holders else 6750576)
    if "hmc_lost" in active:
        _rpp(operation, "Found HSCL error code: 350B")
        _rpp(operation, "Encountered an error related to the management console. Invalidate it")
        return (
            "1020-154 Resource /old/dev/nvram is not checkpointable (pid: 9961942) (name: lscfg_chrp). Query "
            "returned 22 Invalid argument [02.229.0462]\n"
            f"1020-089 Internal error detected. [02.335.0458]\n{MOVING}"
        )
    return ""


def _denied(operation: "Operation", pid: int) -> str:
    text = (
        "1020-311 The state of the LPAR is currently non-checkpointable. Checkpoint should be retried later. "
        "[02.229.0730]"
    )
    logs.write(operation.call, "DEBUG", "mcr_fd_srm_dev", "Calling lvup_chckpnt_status(LIVE_UPDATE_TRY)")
    logs.line(
        operation.call,
        f"KLVUPD {now():.0f} DEBUG - {pid}/24904167 DENY Blocking entry: procfs open, count: 9",
    )
    logs.write(operation.call, "ERROR", "mcr_fd_srm_dev", text)
    logs.write(operation.call, "ERROR", "mcr_sync", "Action LU_FREEZE failed in SRM with status 6")
    return f"{text}\n{MOVING}"


def removal(operation: "Operation") -> str:
    """The original goes away."""
    if "original_not_deleted" not in _faults(operation):
        return ""
    return "1430-041 The original LPAR could not be shut down. Run clvupdate -o."


def unreturned(operation: "Operation") -> str:
    """Mobile capacity stays out; only a warning."""
    if "cod_unreturned" not in _faults(operation):
        return ""
    system = operation.lab.world.system
    return (
        "1430-187 WARNING: Couldn't release the unreturned mobile CoD resources generated on CEC "
        f"'{system.name}'.\n"
    )


def _rpp(operation: "Operation", text: str) -> None:
    hmc = operation.lab.world.hmc.name
    logs.line(operation.call, f"[RPP#rpp::ManagementConsole::rcToError] ({hmc}): {text}")
