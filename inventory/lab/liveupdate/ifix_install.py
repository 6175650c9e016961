"""The interim fixes of a Live Update: previewed at first, installed on the clone, there after the move."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from inventory.lab.commands.aix import efix_output
from inventory.lab.commands.aix.text import append
from inventory.lab.commands.call import Call, now
from inventory.lab.world import efixes
from inventory.lab.world.frame import IfixPackage

PLACES = ("", "emgr/ppc/")
"""Where in a directory geninstall looks for package files."""


@dataclass(frozen=True, slots=True)
class Ifixes:
    """The package files named on the command line; `alone`: no filesets are updated with them."""

    directory: str
    files: tuple[str, ...]
    alone: bool


def failures(call: Call, ifixes: Ifixes) -> list[str]:
    """The `1430-nnn FAILED:` lines of interim fixes that Live Update cannot apply."""
    return [
        f"1430-260 FAILED: The interim fix {package.label} is not Live Update capable."
        for _, package in _packages(call, ifixes)
        if package is not None and not package.lu_capable
    ]


async def preview(
    call: Call, let_pass: Callable[[float], Awaitable[None]], ifixes: Ifixes, *, fails: bool = False
) -> bool:
    """Whether every package is there and may be installed; prints what emgr says."""
    if not ifixes.files:
        return True
    text = f"Initializing log {efix_output.LOG} ...\n"
    rows = []
    for file, package in _packages(call, ifixes):
        await let_pass(5)
        said, may = _obstacles(call, file, package)
        text += said
        result = "SUCCESS" if may and not fails else "FAILURE"
        rows.append((package.label if package else file, "INSTALL PREVIEW", result))
    _tell(call, text + efix_output.summary("EPKG NUMBER", rows))
    return all(result == "SUCCESS" for *_, result in rows)


def on_clone(call: Call, ifixes: Ifixes) -> None:
    """The boot disk of the surrogate gets the interim fixes."""
    rows = [(package.label, "INSTALL", "SUCCESS") for _, package in _packages(call, ifixes) if package]
    if rows:
        text = f"Initializing log {efix_output.LOG} ...\n"
        _tell(call, text + efix_output.summary("EPKG NUMBER", rows))


def bring(call: Call, ifixes: Ifixes) -> bool:
    """The LPAR has the interim fixes now, active; tells whether there were any."""
    found = [package for _, package in _packages(call, ifixes) if package is not None]
    for package in found:
        efixes.install(call.lpar, package, now(), active=True)
    return bool(found)


def _packages(call: Call, ifixes: Ifixes) -> Iterator[tuple[str, IfixPackage | None]]:
    root = call.lab.root_of(call.host) / ifixes.directory.lstrip("/")
    for file in ifixes.files:
        found = (efixes.read_package(root / place / file) for place in PLACES)
        yield file, next((package for package in found if package is not None), None)


def _obstacles(call: Call, file: str, package: IfixPackage | None) -> tuple[str, bool]:
    if package is None:
        return f"emgr: 0645-007 ATTENTION: /usr/sbin/emgr: {file} does not exist.\n", False
    met, may = efix_output.requisites(call.lpar, package)
    locks, unlocked = efix_output.locks(call.lpar, package, file)
    if any(efix.label == package.label for efix in call.lpar.efixes):
        met += f"emgr: 0645-034 There is already an efix installed with label {package.label}.\n"
        may = False
    return met + locks, may and unlocked


def _tell(call: Call, text: str) -> None:
    call.out(text)
    append(call, efix_output.LOG, text)
