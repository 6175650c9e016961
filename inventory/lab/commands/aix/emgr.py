"""`emgr`: interim fixes."""

from inventory.lab.commands.aix.text import append, box
from inventory.lab.commands.call import Call, Usage, command, now
from inventory.lab.world.frame import IfixPackage
from inventory.lab.world.model import InterimFix, Lpar

NO_EFIX = "There is no efix data on this system."


@command("/usr/sbin/emgr")
async def emgr(call: Call) -> int:
    """Interim fixes: list, locked packages, check, remove."""
    options, _ = call.options("Plrcdpe:L:v:X")
    lpar = call.lpar
    if "r" in options:
        return await _remove(call, options.get("L", ""))
    ifix = call.world.nim.ifixes.get(options.get("e", "")) if call.host == call.world.nim.name else None
    if "d" in options and ifix is not None:
        return _describe(call, ifix)
    if "d" in options or "e" in options:
        return call.fail(f"emgr: 0645-007 ATTENTION: /usr/sbin/emgr: {options.get('e', '')} does not exist.")
    if not lpar.efixes:
        call.line(NO_EFIX)
        return 0
    if "P" in options:
        _packages(call, lpar)
    elif "l" in options:
        _list(call, lpar)
    elif "c" in options:
        for efix in lpar.efixes:
            call.line(f"** Checking efix {efix.label} **  SUCCESS")
    else:
        raise Usage("Usage: emgr -e <ePackage> | -r -L <label> | -l [-v{1|2|3}] | -P | -c")
    return 0


def _describe(call: Call, ifix: IfixPackage) -> int:
    """What a package file says of itself."""
    box(call, "EFIX: 1")
    reboot = "no" if ifix.lu_capable else "yes"
    for key, value in (
        ("LABEL", ifix.label),
        ("PACKAGING DATE", "Tue Oct 12 09:15:05 CDT 2021"),
        ("ABSTRACT", ifix.abstract),
        ("PACKAGER VERSION", "7"),
        ("REBOOT REQUIRED", reboot),
        ("LU CAPABLE", "yes" if ifix.lu_capable else "no"),
        ("PRE-REQUISITES", "no"),
    ):
        call.line(f"{key + ':':<17} {value}")
    return 0


def _packages(call: Call, lpar: Lpar) -> None:
    call.line()
    call.line(f"{'PACKAGE':<56} {'INSTALLER':<11} LABEL")
    call.line(f"{'=' * 56} {'=' * 11} {'=' * 10}")
    for efix in lpar.efixes:
        for package in efix.packages:
            call.line(f"{package:<56} {'installp':<11} {efix.label}")


def _list(call: Call, lpar: Lpar) -> None:
    call.line("ID  STATE LABEL      INSTALL TIME      UPDATED BY ABSTRACT")
    call.line("=== ===== ========== ================= ========== ======================================")
    for number, efix in enumerate(lpar.efixes, 1):
        state = f"*{efix.state}*" if efix.state in ("Q", "B") else efix.state
        call.line(
            f"{number:<3} {state:^5} {efix.label:<10} {efix.installed:<17} {'':<10} {efix.abstract:<38}"
        )
    call.out("\nSTATE codes:\n S = STABLE\n M = MOUNTED\n U = UNMOUNTED\n Q = REBOOT REQUIRED\n B = BROKEN\n")
    call.out(" I = INSTALLING\n R = REMOVING\n T = TESTED\n P = PATCHED\n N = NOT PATCHED\n")
    call.out(" SP = STABLE + PATCHED\n SN = STABLE + NOT PATCHED\n QP = BOOT IMAGE MODIFIED + PATCHED\n")
    call.out(" QN = BOOT IMAGE MODIFIED + NOT PATCHED\n RQ = REMOVING + REBOOT REQUIRED\n")


async def _remove(call: Call, label: str) -> int:
    efix = next((one for one in call.lpar.efixes if one.label == label), None)
    box(call, "Efix Manager Initialization")
    call.line("Initializing log /var/adm/ras/emgr.log ...")
    if efix is None:
        call.err(f"emgr: 0645-065 There is no efix with label {label} on this system.")
        call.line("\nReturn Status = FAILURE")
        return 1
    call.line(f'Accessing efix metadata ...\nProcessing efix label "{label}" ...')
    box(call, "Package Locking")
    for number, package in enumerate(efix.packages, 1):
        call.line(f"File {number}: unlocking installp fileset {package}.")
    call.line("All package locks processed successfully.")
    await call.sleep(30)
    call.lpar.efixes.remove(efix)
    kernel = any(package.startswith("bos.mp64") for package in efix.packages)
    box(call, "Reboot Processing")
    call.line(
        "ATTENTION: system reboot is required." if kernel else "Reboot is not required by this efix package."
    )
    _summary(call, efix, "REMOVE")
    return 0


def _summary(call: Call, efix: InterimFix, operation: str) -> None:
    box(call, "Operation Summary")
    call.line("Log file is /var/adm/ras/emgr.log\n")
    call.line("EFIX NUMBER       LABEL               OPERATION              RESULT            ")
    call.line("===========       ==============      =================      ==============    ")
    call.line(f"{'1':<17} {efix.label:<19} {operation:<22} {'SUCCESS':<18}")
    call.line("\nReturn Status = SUCCESS")
    append(call, "/var/adm/ras/emgr.log", f"{now():.0f} {operation} {efix.label} SUCCESS\n")
