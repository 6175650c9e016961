"""The requirement verification of `geninstall -k`: what forbids a Live Update, in its own words.

Numbers 1430-143, -237, -244 and -246 are documented; the others have their shape.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from inventory.lab.liveupdate import datafile
from inventory.lab.world.model import Lpar

if TYPE_CHECKING:
    from inventory.lab.lab import Lab

ALLOWED_FILE_SYSTEMS = frozenset({"jfs2", "nfs", "nfs3", "nfs4", "procfs", "autofs"})
NEEDED_FILESETS = ("bos.liveupdate.rte", "artex.base.rte")
FORBIDDEN_FILESETS = ("cas.agent", "security.pkcs11", "bos.mls.cfg")
AGAINST_IFIXES = ("TEP", "TLP", "TSD_FILES_LOCK")
MINIMUM_MB = 100
KNOWN = {
    "F05": "1430-143 FAILED: Audit in stream mode is not supported.",
    "F07": "1430-237 FAILED: No management console specified.",
    "F08": "1430-244 FAILED: The following file system(s) of unsupported type are mounted: /aha",
    "F09": "1430-246 FAILED: No valid authentication with an HMC console.",
}
"""Failures that the fault `preview_failure` can name by the handbook's signature."""


def failures(lab: "Lab", host: str, *, updating: bool) -> list[str]:
    """The `1430-nnn FAILED:` lines of everything that is not as it must be."""
    lpar = lab.system_of(host)
    data = datafile.read(lab.root_of(host))
    return [
        *_forced(lab, host),
        *(_powervc(lab, lpar, data) if data.through_powervc else _console(lab, lpar, data)),
        *(() if data.through_powervc else _disks(lpar, data)),
        *_rootvg(lpar),
        *_software(lpar, data),
        *_security(lpar, updating=updating),
        *_devices(lpar),
        *_workload(lpar),
        *_capacity(lab, lpar),
    ]


def _forced(lab: "Lab", host: str) -> Iterator[str]:
    forced = lab.faults.of(host).get("preview_failure")
    if forced:
        yield KNOWN.get(forced, forced)


def _console(lab: "Lab", lpar: Lpar, data: datafile.DataFile) -> Iterator[str]:
    console, user = data.value("hmc", "management_console"), data.value("hmc", "user")
    hmc = lab.world.hmc
    if not console:
        yield "1430-237 FAILED: No management console specified."
        return
    address = hmc.address if console == hmc.name else console
    if not any(token.address == address and token.user == user for token in lpar.tokens):
        yield "1430-246 FAILED: No valid authentication with an HMC console."
    elif lab.faults.silences(hmc.name):
        yield f"1430-248 FAILED: The HMC console {console} does not respond."
    elif user in hmc.users and hmc.users[user].taskrole not in ("hmcclientliveupdate", "hmcsuperadmin"):
        yield "1430-249 FAILED: HSCL350B The user does not have the appropriate authority."
    if lab.world.partition_of(lpar).rmc_state != "active":
        yield "1430-250 FAILED: The RMC connection between the partition and the HMC is not active."
    wanted = data.value("hmc", "lpar_id")
    if wanted and wanted == str(lpar.partition_id):
        yield "1430-238 FAILED: The lpar_id of the surrogate must differ from the current one."


def _powervc(lab: "Lab", lpar: Lpar, data: datafile.DataFile) -> Iterator[str]:
    console, user = data.console
    server = next((each for each in lab.world.powervcs if console in (each.name, each.address)), None)
    address = server.address if server else console
    if data.value("hmc", "management_console"):
        yield "1430-236 FAILED: More than one management console specified."
    if not any(token.address == address and token.user == user for token in lpar.powervc_tokens):
        yield "1430-246 FAILED: No valid authentication with a PowerVC console."
    elif "powervc_down" in lab.faults.of(lpar.name):
        yield f"1430-248 FAILED: The PowerVC console {console} does not respond."


def _disks(lpar: Lpar, data: datafile.DataFile) -> Iterator[str]:
    rootvg = lpar.in_group("rootvg")
    needed = sum(lpar.disks[name].size_mb for name in rootvg)
    named: list[str] = []
    for key in ("nhdisk", "mhdisk"):
        disks = data.disks(key)
        named += disks
        if not disks:
            yield f"1430-239 FAILED: No {key} specified."
            continue
        for name in disks:
            if name not in lpar.disks:
                yield f"1430-240 FAILED: The disk {name} given as {key} does not exist."
            elif lpar.disks[name].volume_group:
                yield f"1430-241 FAILED: The disk {name} given as {key} belongs to a volume group."
        sizes = [lpar.disks[name].size_mb for name in disks if name in lpar.disks]
        if sizes and sum(sizes) < needed:
            yield f"1430-242 FAILED: The disks given as {key} are smaller than rootvg."
    if len(named) != len(set(named)):
        yield "1430-243 FAILED: A disk is given more than once."


def _rootvg(lpar: Lpar) -> Iterator[str]:
    if lpar.groups["rootvg"].copies > 1:
        yield "1430-245 FAILED: rootvg is mirrored, and there are too few disks for its copies."
    if lpar.groups["rootvg"].stale_pps:
        yield "1430-251 FAILED: rootvg has stale partitions."


def _software(lpar: Lpar, data: datafile.DataFile) -> Iterator[str]:
    for name in (*NEEDED_FILESETS, "bos.sysmgt.pvc" if data.through_powervc else "bos.sysmgt.hmc"):
        if name not in lpar.filesets:
            yield f"1430-230 FAILED: The fileset {name} is not installed."
    for name in FORBIDDEN_FILESETS:
        if name in lpar.filesets:
            yield f"1430-231 FAILED: The fileset {name} is not supported with Live Update."


def _security(lpar: Lpar, *, updating: bool) -> Iterator[str]:
    if lpar.audit and lpar.audit_stream:
        yield "1430-143 FAILED: Audit in stream mode is not supported."
    if lpar.trust.get("TE") == "ON" and updating:
        yield "1430-144 FAILED: Trusted Execution is enabled."
    elif lpar.trust.get("TE") == "ON" and any(lpar.trust.get(name) == "ON" for name in AGAINST_IFIXES):
        yield "1430-144 FAILED: Policies of Trusted Execution do not allow the installation of interim fixes."
    if lpar.ipsec:
        yield "1430-145 FAILED: IP Security is active."


def _devices(lpar: Lpar) -> Iterator[str]:
    unsupported = [mount.over for mount in lpar.mounts if mount.vfs not in ALLOWED_FILE_SYSTEMS]
    if unsupported:
        names = " ".join(unsupported)
        yield f"1430-244 FAILED: The following file system(s) of unsupported type are mounted: {names}"
    for line in (*lpar.cdroms, *lpar.tapes):
        yield f"1430-247 FAILED: The device {line.split()[0]} is not supported with Live Update."
    for line in lpar.adapters:
        if "irtual" not in line:
            yield f"1430-252 FAILED: The adapter {line.split()[0]} is not virtual."
    for path in ("/", "/var"):
        if lpar.filesystems[path].free_mb < MINIMUM_MB:
            yield f"1430-253 FAILED: The file system {path} has less than {MINIMUM_MB} MB free."


def _workload(lpar: Lpar) -> Iterator[str]:
    if any(state == "A" for state in lpar.wpars.values()):
        yield "1430-254 FAILED: Workload partitions are active."
    if lpar.wlm != "stopped":
        yield "1430-255 FAILED: WLM is running."
    unsafe = [
        path
        for path in lpar.extensions
        if not path.startswith("/usr/lib/drivers/") and path not in lpar.safe_extensions
    ]
    if unsafe:
        yield f"1430-256 FAILED: The kernel extension {unsafe[0]} is not known to be safe."
    if lpar.progress.dirty:
        yield "1430-257 FAILED: A previous Live Update operation needs to be cleaned up with clvupdate."


def _capacity(lab: "Lab", lpar: Lpar) -> Iterator[str]:
    part = lab.world.partition_of(lpar)
    if lab.updates.free_memory() < part.mem:
        yield "1430-258 FAILED: Not enough memory is available on the managed system."
    if lab.updates.free_units() < part.units:
        yield "1430-259 FAILED: Not enough processor resources are available on the managed system."
