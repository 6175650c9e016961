"""Interim fixes: what a package file holds, what stands in its way, and what it changes on an LPAR."""

import dataclasses
import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from inventory.lab.world.frame import IfixPackage, Prerequisite
from inventory.lab.world.model import InterimFix, Lpar
from inventory.lab.world.store import build

KERNEL = "/usr/lib/boot/unix_64"
BOOT_S = 60.0
"""Least time from one start of a kernel to the next; simulated time may pass faster than the clock."""


def package_text(package: IfixPackage) -> str:
    """A package as a file holds it; what follows its first line does not count."""
    return json.dumps(dataclasses.asdict(package)) + "\n"


def read_package(file: Path) -> IfixPackage | None:
    """The package in a file, or None when there is none."""
    try:
        data = json.loads(file.read_text().partition("\n")[0])
        return build(IfixPackage, data)
    except (OSError, ValueError, TypeError):
        return None


def actual_level(lpar: Lpar, fileset: str) -> str:
    """The installed level of a fileset, empty without one."""
    installed = lpar.filesets.get(fileset)
    return installed.level if installed else ""


def met(lpar: Lpar, wanted: Prerequisite) -> bool:
    """Whether a fileset is installed at a level that suits an interim fix."""
    actual = actual_level(lpar, wanted.fileset)
    return bool(actual) and _key(wanted.low) <= _key(actual) <= _key(wanted.high)


def _key(level: str) -> tuple[int, ...]:
    return tuple(int(part) for part in level.split("."))


def lockers(package: IfixPackage, installed: Iterable[InterimFix]) -> Iterator[tuple[str, str]]:
    """The files of a package that an installed interim fix holds, with its label."""
    for efix in installed:
        if efix.label not in package.supersedes:
            yield from ((path, efix.label) for path in package.files if path in efix.files)


def install(lpar: Lpar, package: IfixPackage, at: float, *, active: bool) -> None:
    """Put the files in place; unless it is `active` by that, one that needs a reboot waits for it."""
    lpar.efixes = [efix for efix in lpar.efixes if efix.label not in package.supersedes]
    lpar.efixes.append(
        InterimFix(
            package.label,
            list(dict.fromkeys(package.files.values())),
            package.abstract,
            state="Q" if package.reboot and not active else "S",
            installed=time.strftime("%m/%d/%y %H:%M:%S", time.localtime(at)),
            files=list(package.files),
            reboot=package.reboot,
        )
    )


def activate_kernel(lpar: Lpar) -> None:
    """The disk's kernel runs now, and with it the interim fixes that waited for that."""
    lpar.booted_at = max(time.time(), lpar.booted_at + BOOT_S)
    lpar.kernel_level = lpar.level
    lpar.kernel_ifix = next((efix.label for efix in reversed(lpar.efixes) if KERNEL in efix.files), "")
    for efix in lpar.efixes:
        efix.state = "S" if efix.state == "Q" else efix.state
