"""What `emgr` prints: its boxes, the attributes of a package, its tables."""

from collections.abc import Iterable

from inventory.lab.commands.aix.text import RULE
from inventory.lab.world.efixes import actual_level, lockers, met
from inventory.lab.world.frame import IfixPackage
from inventory.lab.world.model import Lpar

LOG = "/var/adm/ras/emgr.log"
STATES = """
STATE codes:
 S = STABLE
 M = MOUNTED
 U = UNMOUNTED
 Q = REBOOT REQUIRED
 B = BROKEN
 I = INSTALLING
 R = REMOVING
 T = TESTED
 P = PATCHED
 N = NOT PATCHED
 SP = STABLE + PATCHED
 SN = STABLE + NOT PATCHED
 QP = BOOT IMAGE MODIFIED + PATCHED
 QN = BOOT IMAGE MODIFIED + NOT PATCHED
 RQ = REMOVING + REBOOT REQUIRED
"""
REBOOT_NOTICE = (
    "*** NOTICE ***\n"
    "This efix package requires the target system to be rebooted after the current\n"
    "operation is complete. It is recommended that you reboot the target system as\n"
    "soon as possible after installation to avoid disruption of current functionality.\n\n"
)
REBOOT_ATTENTION = (
    'ATTENTION: system reboot is required. Please see the "Reboot Processing"\n'
    f"sections in the output above or in the {LOG} file.\n\n"
)
STARS = "*" * 79


def box(title: str) -> str:
    """A boxed title."""
    return f"{RULE}\n{title}\n{RULE}\n"


def head(label: str, path: str = "", checksum: str = "") -> str:
    """The first box; `path` is the package's, if there is one."""
    text = box("Efix Manager Initialization") + f"Initializing log {LOG} ...\n"
    if path:
        text += f"Efix package file is: {path}\nMD5 generating command is /usr/bin/csum\n"
        text += f"MD5 checksum is {checksum}\n"
    text += f'Accessing efix metadata ...\nProcessing efix label "{label}" ...\n'
    return text + ("Verifying efix control file ...\n\n" if path else "\n")


def description(package: IfixPackage) -> str:
    """`emgr -d -v2`: the attributes, and the filesets that must be there."""
    lines = [f"    {one.fileset}  {one.low}  {one.high}\n" for one in package.prerequisites]
    return box("Efix Attributes") + attributes(package, "".join(lines))


def attributes(package: IfixPackage, prerequisites: str = "") -> str:
    """The box `Efix Attributes`."""
    yes_no = {True: "yes", False: "no"}
    kernel = any(fileset == "bos.mp64" for fileset in package.files.values())
    fields = (
        ("LABEL", package.label),
        ("PACKAGING DATE", "Tue Oct 12 09:15:05 CDT 2021"),
        ("ABSTRACT", package.abstract),
        ("PACKAGER VERSION", "7"),
        ("VUID", "00FA343B4C00101209150521"),
        ("REBOOT REQUIRED", yes_no[package.reboot]),
        ("BUILD BOOT IMAGE", yes_no[kernel]),
        ("LU CAPABLE", yes_no[package.lu_capable]),
        ("PRE-REQUISITES", yes_no[bool(package.prerequisites)]),
    )
    later = (
        ("SUPERSEDE", yes_no[bool(package.supersedes)]),
        ("PACKAGE LOCKS", "no"),
        ("E2E PREREQS", "no"),
        ("FIX TESTED", "no"),
        ("ALTERNATE PATH", "None"),
        ("EFIX FILES", str(len(package.files))),
    )
    files = "".join(
        f"\nFile Number:      {number}\n   LOCATION:      {path}\n"
        f"   FILE TYPE:     Standard (file or executable)\n   INSTALLER:     installp\n"
        f"   PACKAGE:       {fileset}\n   MOUNT INST:    no\n"
        for number, (path, fileset) in enumerate(package.files.items(), 1)
    )
    return _fields(fields) + prerequisites + _fields(later) + files + "\n"


def _fields(fields: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{name + ':':<17} {value}\n" for name, value in fields)


def requisites(lpar: Lpar, package: IfixPackage) -> tuple[str, bool]:
    """The box about prerequisites, and whether all are met."""
    if not package.prerequisites:
        return "", True
    text = box("Installp Prerequisite Verification")
    text += "Verifying prerequisite file ...\nChecking prerequisites ...\n\n"
    for number, wanted in enumerate(package.prerequisites, 1):
        text += (
            f"Prerequisite Number: {number}\n   Fileset: {wanted.fileset}\n"
            f"   Minimal Level: {wanted.low}\n   Maximum Level: {wanted.high}\n"
            f"   Actual Level: {actual_level(lpar, wanted.fileset) or 'Not installed'}\n   Type: PREREQ\n"
            f"   Requisite Met: {'yes' if met(lpar, wanted) else 'no'}\n\n"
        )
    if all(met(lpar, wanted) for wanted in package.prerequisites):
        return text + "All prerequisites have been met.\n\n", True
    return text + "emgr: 0645-055 One or more prerequisites have not been met.\n\n", False


def apar_reference(package: IfixPackage) -> str:
    """Whether installp may remove the interim fix by itself."""
    text = (
        "ATTENTION: Interim fix is enabled for automatic removal by installp."
        if package.apar
        else "APAR reference set to NONE. Interim fix is not enabled for automatic removal."
    )
    return box("Processing APAR reference file") + f"{text}\n\n"


def locks(lpar: Lpar, package: IfixPackage, file: str) -> tuple[str, bool]:
    """The box about locks, and whether no other interim fix holds a file of this one."""
    held = list(lockers(package, lpar.efixes))
    text = box("Efix Lock Management")
    text += "".join(f"Checking locks for file {path} ...\n" for path in package.files) + "\n"
    for path, label in held:
        text += f"installed efix {label} is locking {path} preventing the installation of {file}.\n"
    return text + ("\n" if held else "All files have passed lock checks.\n\n"), not held


def locking(packages: Iterable[str], verb: str) -> str:
    """The box about the filesets that are locked or unlocked."""
    lines = (f"File {n}: {verb} installp fileset {name}.\n" for n, name in enumerate(packages, 1))
    return (
        box("Package Locking")
        + "Processing package locking for all files.\n"
        + "".join(lines)
        + "\nAll package locks processed successfully.\n\n"
    )


def reboot(*, required: bool) -> str:
    """The box about the reboot."""
    text = REBOOT_NOTICE if required else "Reboot is not required by this efix package.\n\n"
    return box("Reboot Processing") + text


def summary(number: str, rows: Iterable[tuple[str, str, str]], after: str = "") -> str:
    """The closing table of (label, operation, result), and the status that counts."""
    listed = list(rows)
    text = f"{number:<17} LABEL               OPERATION              RESULT            \n"
    text += "===========       ==============      =================      ==============    \n"
    for position, (label, operation, result) in enumerate(listed, 1):
        text += f"{position:<17} {label:<19} {operation:<22} {result:<18}\n"
    word = "SUCCESS" if all(result == "SUCCESS" for *_, result in listed) else "FAILURE"
    return f"{text}\n{after}Return Status = {word}\n"
