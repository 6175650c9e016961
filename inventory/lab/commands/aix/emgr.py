"""`emgr`: interim fixes."""

import hashlib

from inventory.lab.commands.aix import efix_output as output
from inventory.lab.commands.aix.text import append
from inventory.lab.commands.call import Call, Usage, command, now
from inventory.lab.world.efixes import install, read_package
from inventory.lab.world.frame import IfixPackage
from inventory.lab.world.model import InterimFix, Lpar

NO_EFIX = "There is no efix data on this system."


@command("/usr/sbin/emgr")
async def emgr(call: Call) -> int:
    """Interim fixes: describe, install, list, locked packages, check, remove."""
    options, _ = call.options("Plrcdpe:L:v:X")
    if "r" in options:
        return await _remove(call, options.get("L", ""))
    if "e" in options:
        return await _package(call, options["e"], options)
    if "d" in options:
        raise Usage("Usage: emgr -d -e <ePackage> [-v{1|2|3}]")
    lpar = call.lpar
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


async def _package(call: Call, path: str, options: dict[str, str]) -> int:
    file = call.lab.root_of(call.host) / path.lstrip("/")
    package = read_package(file)
    if package is None:
        return call.fail(f"emgr: 0645-007 ATTENTION: /usr/sbin/emgr: {path} does not exist.")
    if "d" in options:
        call.out(output.description(package))
        return 0
    checksum = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
    text = output.head(package.label, path, checksum)
    return await _install(call, package, text, path.rpartition("/")[2], preview="p" in options)


async def _install(call: Call, package: IfixPackage, text: str, file: str, *, preview: bool) -> int:
    lpar, operation = call.lpar, "INSTALL PREVIEW" if preview else "INSTALL"
    if preview:
        text = f"{output.STARS}\nEFIX MANAGER PREVIEW START\n{output.STARS}\n\n{text}"
    met, may = output.requisites(lpar, package)
    locks, unlocked = output.locks(lpar, package, file)
    text += met + output.apar_reference(package) + output.attributes(package) + locks
    await call.sleep(5 if preview else 60)
    if any(efix.label == package.label for efix in lpar.efixes):
        text += f"emgr: 0645-034 There is already an efix installed with label {package.label}.\n\n"
        may = False
    if not (may and unlocked) or (not preview and "ifix_failure" in call.lab.faults.of(call.host)):
        return _end(call, text, package.label, operation, succeeded=False)
    if not preview:
        install(lpar, package, now(), active=False)
        text += output.locking(dict.fromkeys(package.files.values()), "locking")
    text += output.reboot(required=package.reboot)
    return _end(call, text, package.label, operation, reboot=package.reboot and not preview)


async def _remove(call: Call, label: str) -> int:
    efix = next((one for one in call.lpar.efixes if one.label == label), None)
    if efix is None:
        call.err(f"emgr: 0645-065 There is no efix with label {label} on this system.")
        return _end(call, output.head(label), label, "REMOVE", succeeded=False)
    await call.sleep(30)
    if "ifix_failure" in call.lab.faults.of(call.host):
        return _end(call, output.head(label), label, "REMOVE", succeeded=False)
    call.lpar.efixes.remove(efix)
    text = output.head(label) + output.locking(efix.packages, "unlocking")
    reboot = efix.reboot or _is_kernel(efix)
    return _end(call, text + output.reboot(required=reboot), label, "REMOVE", reboot=reboot)


def _is_kernel(efix: InterimFix) -> bool:
    return any(package.startswith("bos.mp64") for package in efix.packages)


def _end(
    call: Call, text: str, label: str, operation: str, *, succeeded: bool = True, reboot: bool = False
) -> int:
    """The summary, on the terminal and in the log. The fault `ifix_failure` lets the status lie."""
    number = "EFIX NUMBER" if operation == "REMOVE" else "EPKG NUMBER"
    row = (label, operation, "SUCCESS" if succeeded else "FAILURE")
    text += output.box("Operation Summary") + f"Log file is {output.LOG}\n\n"
    text += output.summary(number, [row], output.REBOOT_ATTENTION if reboot else "")
    call.out(text)
    append(call, output.LOG, text)
    return int(not succeeded and "ifix_failure" not in call.lab.faults.of(call.host))


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
    call.out(output.STATES)
