"""Chooses the spare disks of a Live Update: `nhdisk` (the clone) and `mhdisk` (the mirror).

Live Update wants, for every disk of rootvg, one disk for each role that belongs to no volume group
and is at least as large as the rootvg disk (RQ-101 to RQ-105). The choice depends on facts alone,
so the same facts give the same disks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from inventory.facts.aix.disk_size import DISK_SIZE
from inventory.facts.aix.lspv import LSPV, PhysicalVolume
from inventory.facts.base import FactMissing
from liveupdate.subject import Subject
from portal.lib.errors import PortalError

ROOTVG = "rootvg"
LEFTOVER = "lvup_rootvg"
HELD = {
    LEFTOVER: "the former rootvg that an earlier Live Update left",
    "altinst_rootvg": "a clone of rootvg",
    "old_rootvg": "the rootvg that was active before the LPAR was booted from a clone",
}


@dataclass(frozen=True, slots=True)
class DiskChoice:
    """The chosen disks; `needed_mb` is the size of the largest rootvg disk.

    `larger` names chosen disks that exceed it: whether Live Update wants equal or at least equal
    size is not documented beyond doubt. `reclaimed` names chosen disks that hold what an earlier
    Live Update left, which must be removed first.
    """

    nhdisk: tuple[str, ...]
    mhdisk: tuple[str, ...]
    rootvg: tuple[str, ...]
    needed_mb: int
    larger: tuple[str, ...] = ()
    reclaimed: tuple[str, ...] = ()


class NoDisks(PortalError):
    """There are not enough disks for nhdisk and mhdisk; `reasons` has a sentence per disk."""

    code = "no_disks"

    def __init__(self, message: str, reasons: Sequence[str]) -> None:
        super().__init__(
            message,
            remedy="Map further disks of the size of the rootvg disk to the LPAR and run cfgmgr, "
            "or clean up disks that an earlier run left.",
        )
        self.reasons = tuple(reasons)


def choose(subject: Subject, *, reclaim: bool = False) -> DiskChoice:
    """The smallest sufficient free disks, in the order of their numbers.

    With `reclaim`, disks of `lvup_rootvg` count as free, after all others. Raises NoDisks when
    there are too few, and FactMissing when lspv or a size that would decide has not been read.
    """
    disks = subject.value(LSPV)
    rootvg = tuple(disk.name for disk in disks if disk.volume_group == ROOTVG)
    if not rootvg:
        raise NoDisks("lspv shows no disk in rootvg.", ())
    needed_mb = max(subject.value(DISK_SIZE, name) for name in rootvg)
    found = _look_for(subject, disks, needed_mb, reclaim)
    wanted = 2 * len(rootvg)
    if len(found.usable) < wanted:
        if found.unread:
            raise found.unread[0]
        raise NoDisks(
            f"{wanted} free disks of at least {needed_mb} MB are needed for nhdisk and mhdisk, "
            f"{len(found.usable)} found.",
            found.reasons,
        )
    chosen = sorted(found.usable)[:wanted]
    names = tuple(spare.name for spare in chosen)
    return DiskChoice(
        nhdisk=names[: len(rootvg)],
        mhdisk=names[len(rootvg) :],
        rootvg=rootvg,
        needed_mb=needed_mb,
        larger=tuple(spare.name for spare in chosen if spare.size_mb > needed_mb),
        reclaimed=tuple(spare.name for spare in chosen if spare.leftover),
    )


@dataclass(frozen=True, slots=True, order=True)
class _Spare:
    """A disk that may be used; spares sort in the order of choice."""

    leftover: bool
    size_mb: int
    stem: str
    number: int
    name: str


@dataclass(slots=True)
class _Found:
    usable: list[_Spare] = field(default_factory=list)
    unread: list[FactMissing] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def _look_for(subject: Subject, disks: Sequence[PhysicalVolume], needed_mb: int, reclaim: bool) -> _Found:
    found = _Found()
    for disk in disks:
        leftover = reclaim and removable(disk) and disk.name not in clone_disks(subject)
        if not leftover and (reason := why_not_free(disk, subject)):
            found.reasons.append(reason)
            continue
        try:
            size = subject.value(DISK_SIZE, disk.name)
        except FactMissing as missing:
            found.unread.append(missing)
            continue
        if size < needed_mb:
            found.reasons.append(f"{disk.name} has {size} MB and rootvg needs {needed_mb} MB.")
            continue
        stem = disk.name.rstrip("0123456789")
        found.usable.append(_Spare(leftover, size, stem, int(disk.name[len(stem) :] or 0), disk.name))
    return found


def why_not_free(disk: PhysicalVolume, subject: Subject) -> str:
    """Why a disk must not be used as a spare, as a sentence; empty when it is free."""
    if disk.name in clone_disks(subject):
        return f"{disk.name} is the designated rollback clone."
    if disk.volume_group in HELD:
        return f"{disk.name} holds {disk.volume_group}, {HELD[disk.volume_group]}."
    if disk.volume_group:
        return f"{disk.name} belongs to {disk.volume_group}."
    if disk.state:
        return f"{disk.name} is {disk.state}."
    return ""


def removable(disk: PhysicalVolume) -> bool:
    """Whether a disk holds an earlier run's `lvup_rootvg` that nothing has varied on."""
    return disk.volume_group == LEFTOVER and not disk.state


def clone_disks(subject: Subject) -> tuple[str, ...]:
    """The disks that are set aside for the rollback clone (two for a mirrored rootvg)."""
    return tuple(part for part in re.split(r"[,\s]+", subject.rollback_clone_disk) if part)
