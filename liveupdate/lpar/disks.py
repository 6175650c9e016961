"""Chooses the spare disks of a Live Update: `nhdisk` (the clone) and `mhdisk` (the mirror).

Live Update wants, for every disk of rootvg, one disk for each role that belongs to no volume group
and is at least as large as that rootvg disk (RQ-101 to RQ-105). The choice depends on facts and on
what other plans hold alone, so the same facts give the same disks.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from inventory.facts.aix.disk_header import DISK_HEADER
from inventory.facts.aix.disk_signature import DISK_SIGNATURE
from inventory.facts.aix.lspv import LSPV, PhysicalVolume
from inventory.facts.base import FactMissing
from liveupdate.lpar.disk_sizes import size_of
from liveupdate.lpar.subject import Subject
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
    """The chosen disks, in the order of the rootvg disks that they are for.

    `needed_mb` is the size of the largest rootvg disk. `larger` names chosen disks that exceed it:
    whether Live Update wants equal or at least equal size is not documented beyond doubt. `reclaimed`
    names chosen disks that hold what an earlier Live Update left, which must be removed first.
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


def needs_spares(subject: Subject) -> bool:
    """Whether the procedure takes disks that the LPAR has: PowerVC brings its own (RQ-124)."""
    return not subject.through_powervc


def choose(subject: Subject, *, reclaim: bool = False) -> DiskChoice:
    """The smallest sufficient free disks, in the order of their numbers.

    Disks without the record of a former volume group come first. With `reclaim`, disks of
    `lvup_rootvg` count as free, after all others. Raises NoDisks when there are too few, and
    FactMissing when lspv or a size that would decide has not been read.
    """
    rootvg, needs = _rootvg(subject)
    found = _look_for(subject, min(needs), reclaim)
    both = [*needs, *needs]
    chosen = _kept(subject, both, found.usable) or _fit(both, found.usable)
    if chosen is None:
        if found.unread:
            raise found.unread[0]
        raise NoDisks(_lacking(needs, found.usable), found.reasons)
    names = tuple(spare.name for spare in chosen)
    return DiskChoice(
        nhdisk=names[: len(rootvg)],
        mhdisk=names[len(rootvg) :],
        rootvg=rootvg,
        needed_mb=max(needs),
        larger=tuple(spare.name for spare in chosen if spare.size_mb > max(needs)),
        reclaimed=tuple(spare.name for spare in chosen if spare.leftover),
    )


def choose_clone(subject: Subject, besides: Iterable[str] = ()) -> tuple[str, ...]:
    """Disks for a rollback clone by alt_disk_copy, one for each disk of rootvg, empty without enough.

    The designated disks if they are free, else the smallest sufficient ones that are not among
    `besides` (what the update itself takes). Raises FactMissing.
    """
    free = {disk.name for disk in subject.value(LSPV) if not why_taken(disk, subject)}
    designated = clone_disks(subject)
    if designated:
        return designated if free.issuperset(designated) else ()
    _, needs = _rootvg(subject)
    left = [spare for spare in _look_for(subject, min(needs), False).usable if spare.name not in set(besides)]
    return tuple(spare.name for spare in _fit(needs, left) or ())


@dataclass(frozen=True, slots=True, order=True)
class _Spare:
    """A disk that may be used; spares sort in the order of choice."""

    leftover: bool
    written: bool
    size_mb: int
    number: tuple[str, int]
    name: str


@dataclass(slots=True)
class _Found:
    usable: list[_Spare] = field(default_factory=list)
    unread: list[FactMissing] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def _rootvg(subject: Subject) -> tuple[tuple[str, ...], list[int]]:
    """The disks of rootvg and their sizes. Raises NoDisks, FactMissing."""
    names = [disk.name for disk in subject.value(LSPV) if disk.volume_group == ROOTVG]
    if not names:
        raise NoDisks("lspv shows no disk in rootvg.", ())
    names.sort(key=by_number)
    return tuple(names), [size_of(subject, name) for name in names]


def by_number(disk: str) -> tuple[str, int]:
    """How people sort disks: hdisk2 before hdisk10."""
    stem = disk.rstrip("0123456789")
    return stem, int(disk[len(stem) :] or 0)


def _look_for(subject: Subject, least_mb: int, reclaim: bool) -> _Found:
    found = _Found()
    for disk in subject.value(LSPV):
        leftover = reclaim and removable(disk) and disk.name not in clone_disks(subject)
        if reason := subject.held_disks.get(disk.name, "") if leftover else why_not_free(disk, subject):
            found.reasons.append(reason)
            continue
        try:
            size = size_of(subject, disk.name)
        except FactMissing as missing:
            found.unread.append(missing)
            continue
        if size < least_mb:
            found.reasons.append(f"{disk.name} has {size} MB and rootvg needs {least_mb} MB.")
            continue
        written = bool(traces(subject, disk))
        found.usable.append(_Spare(leftover, written, size, by_number(disk.name), disk.name))
    return found


def _kept(subject: Subject, needs: Sequence[int], usable: Iterable[_Spare]) -> list[_Spare] | None:
    """What the request's own plan holds, if it still does: disks that came meanwhile change no plan."""
    by_name = {spare.name: spare for spare in usable}
    held = [*subject.reserved.get("nhdisk", ()), *subject.reserved.get("mhdisk", ())]
    kept = [by_name[name] for name in held if name in by_name]
    fits = len(kept) == len(held) == len(needs)
    return kept if fits and all(s.size_mb >= need for s, need in zip(kept, needs, strict=True)) else None


def _fit(needs: Sequence[int], spares: Iterable[_Spare]) -> list[_Spare] | None:
    """A spare for each need, in their order, or None; sizes decide alone only where they must.

    To give each need the smallest sufficient spare finds a way whenever there is one.
    """
    by_preference = sorted(spares)
    by_size = sorted(by_preference, key=lambda spare: spare.size_mb)
    return _take(needs, by_preference) or _take(needs, by_size)


def _take(needs: Sequence[int], ordered: Iterable[_Spare]) -> list[_Spare] | None:
    left, chosen = list(ordered), []
    for need in needs:
        spare = next((spare for spare in left if spare.size_mb >= need), None)
        if spare is None:
            return None
        left.remove(spare)
        chosen.append(spare)
    return chosen


def _lacking(needs: Sequence[int], usable: Sequence[_Spare]) -> str:
    sizes = " and ".join(f"{size} MB" for size in sorted(set(needs)))
    message = f"{2 * len(needs)} free disks of at least {sizes} are needed for nhdisk and mhdisk"
    if len(usable) < 2 * len(needs):
        return f"{message}, {len(usable)} found."
    seen = ", ".join(f"{spare.name} {spare.size_mb} MB" for spare in sorted(usable))
    return f"{message}; those found are too small for the larger ones: {seen}."


def why_not_free(disk: PhysicalVolume, subject: Subject) -> str:
    """Why a disk must not be used as a spare, as a sentence; empty when it is free."""
    if disk.name in clone_disks(subject):
        return f"{disk.name} is the designated rollback clone."
    return why_taken(disk, subject)


def why_taken(disk: PhysicalVolume, subject: Subject) -> str:
    """Why no plan may overwrite a disk, as a sentence; empty when it may."""
    if disk.volume_group in HELD:
        return f"{disk.name} holds {disk.volume_group}, {HELD[disk.volume_group]}."
    if disk.volume_group:
        return f"{disk.name} belongs to {disk.volume_group}."
    if disk.state:
        return f"{disk.name} is {disk.state}."
    if _owner(subject, disk.name) == "oracle_asm":
        return f"{disk.name} carries the header of an Oracle ASM disk."
    return subject.held_disks.get(disk.name, "")


def traces(subject: Subject, disk: PhysicalVolume) -> list[str]:
    """What somebody wrote on a disk that lspv shows as free; what was not read leaves no trace."""
    found = []
    try:
        if subject.value(DISK_SIGNATURE, disk.name):
            found.append(f"{disk.name} still carries the record of a volume group")
    except FactMissing:
        pass
    if _owner(subject, disk.name) == "other":
        found.append(f"{disk.name} begins with data that AIX did not write")
    return found


def _owner(subject: Subject, disk: str) -> str:
    try:
        return subject.value(DISK_HEADER, disk).owner
    except FactMissing:
        return ""


def removable(disk: PhysicalVolume) -> bool:
    """Whether a disk holds an earlier run's `lvup_rootvg` that nothing has varied on."""
    return disk.volume_group == LEFTOVER and not disk.state


def clone_disks(subject: Subject) -> tuple[str, ...]:
    """The disks that are set aside for the rollback clone (two for a mirrored rootvg)."""
    return tuple(part for part in re.split(r"[,\s]+", subject.rollback_clone_disk) if part)
