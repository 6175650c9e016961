"""What a plan for an LPAR rests on beside its own text, by the facts; see `control/drift.py`."""

from collections.abc import Callable, Iterable

from inventory.facts.aix.emgr_list import EMGR_LIST
from inventory.facts.aix.lslpp import LSLPP
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import FactMissing
from liveupdate.lpar.capacity import room_on
from liveupdate.lpar.disks import ROOTVG
from liveupdate.lpar.subject import Subject
from portal.lib.canonical import canonical_json, digest

SHORT = 19
"""So much of a digest (`sha256:` and twelve digits) tells two apart for people."""


def basis_of(subject: Subject) -> dict[str, str]:
    """What is known, by the field of the drift rules."""
    known = {}
    for field, said in _FIELDS.items():
        try:
            if text := said(subject):
                known[field] = text
        except FactMissing:
            continue
    return known


def _level(subject: Subject) -> str:
    return subject.value(OSLEVEL).text


def _rootvg(subject: Subject) -> str:
    disks = subject.value(LSPV)
    return _sorted(f"{disk.name} {disk.pvid}" for disk in disks if disk.volume_group == ROOTVG) or "none"


def _free_disks(subject: Subject) -> str:
    disks = subject.value(LSPV)
    return _sorted(f"{disk.name} {disk.pvid}" for disk in disks if not disk.volume_group) or "none"


def _filesets(subject: Subject) -> str:
    installed = subject.value(LSLPP)
    return _counted("filesets", [f"{each.name} {each.level} {each.state}" for each in installed])


def _ifixes(subject: Subject) -> str:
    return _sorted(f"{ifix.label} {ifix.state}" for ifix in subject.value(EMGR_LIST)) or "none"


def _media(subject: Subject) -> str:
    contents = subject.media_contents
    if contents is None or contents.packages is None:
        return ""
    packages = [f"{name} {level}" for name, levels in contents.packages.items() for level in levels]
    return f"{contents.lpp_source}: {_counted('packages', packages)}"


def _capacity(subject: Subject) -> str:
    free = room_on(subject.facts, subject.managed_system, subject.managed_system_serial).free
    return f"{free.memory_mb} MB, {free.cores.normalize():f} cores"


def _lpar_id(subject: Subject) -> str:
    return str(subject.value(UNAME_L).id)


def _sorted(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def _counted(what: str, lines: list[str]) -> str:
    return f"{len(lines)} {what}, {digest(canonical_json(sorted(lines)))[:SHORT]}"


_FIELDS: dict[str, Callable[[Subject], str]] = {
    "level": _level,
    "rootvg": _rootvg,
    "filesets": _filesets,
    "ifixes": _ifixes,
    "media": _media,
    "free_disks": _free_disks,
    "capacity": _capacity,
    "lpar_id": _lpar_id,
}
