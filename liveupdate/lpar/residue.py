"""What a Live Update leaves on an LPAR, its HMC and its NIM master when it is over (handbook 1.10). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.lvupdate_data import LVUPDATE_DATA
from inventory.facts.aix.stale_libraries import STALE_LIBRARIES
from inventory.facts.base import FactMissing
from inventory.facts.hmc.lpars import LPARS
from inventory.facts.nim.nim_object import NIM_OBJECT
from liveupdate.lpar.disks import LEFTOVER
from liveupdate.lpar.state import ORIGINAL, StateSeen
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import FindingState, examine
from liveupdate.readiness.catalogue import CHECK_OF
from liveupdate.states import LparState
from portal.lib.text import some_of


class LeftoverKind(StrEnum):
    """One kind of thing that is left. The first six a look sees come and go; the others a run tells."""

    LVUP_ROOTVG = "lvup_rootvg"
    ORIGINAL = "original"
    MIRROR = "mirror"
    STALE_LIBRARIES = "stale_libraries"
    NIM_IDENTITY = "nim_identity"
    NIM_RESOURCE = "nim_resource"
    UNRESTORED = "unrestored"
    UNPROVEN = "unproven"
    IFIXES_REMOVED = "ifixes_removed"


@dataclass(frozen=True, slots=True)
class Care:
    """How a kind is called, in how many days it is due, and the procedure that takes it away, if one does."""

    title: str
    days: int
    procedure: str = ""


CARE: dict[LeftoverKind, Care] = {
    LeftoverKind.LVUP_ROOTVG: Care("Former boot disk of the surrogate", 14, "remove_leftovers"),
    LeftoverKind.ORIGINAL: Care("Original partition on the HMC", 1, "cleanup"),
    LeftoverKind.MIRROR: Care("Mirror of rootvg", 1, "cleanup"),
    LeftoverKind.STALE_LIBRARIES: Care("Processes on replaced libraries", 7, "restart_stale"),
    LeftoverKind.NIM_IDENTITY: Care("Identity in NIM", 7, "nim_client_setup"),
    LeftoverKind.NIM_RESOURCE: Care("NIM resource still allocated", 1, "nim_release"),
    LeftoverKind.UNRESTORED: Care("Preparation not taken back", 1),
    LeftoverKind.UNPROVEN: Care("Expectation of the run not met", 3),
    LeftoverKind.IFIXES_REMOVED: Care("Interim fixes removed", 7),
}
SEEN_BY_LOOKS = frozenset(
    {
        LeftoverKind.LVUP_ROOTVG,
        LeftoverKind.ORIGINAL,
        LeftoverKind.MIRROR,
        LeftoverKind.STALE_LIBRARIES,
        LeftoverKind.NIM_IDENTITY,
        LeftoverKind.NIM_RESOURCE,
    }
)


@dataclass(frozen=True, slots=True)
class Residue:
    """One thing that is left, in a sentence; `about` tells it from others of its kind (a disk's name)."""

    kind: LeftoverKind
    text: str
    about: str = ""


def residue_of(subject: Subject, seen: StateSeen) -> tuple[Residue, ...] | None:
    """What the facts show as left; None while that cannot be told, or a Live Update is at work."""
    if seen.state in (LparState.UNKNOWN, LparState.UPDATING):
        return None
    if seen.state is LparState.IDLE:
        return tuple(_nim_resource(subject))
    return (
        *_partition(subject),
        *_disks(subject),
        *_processes(subject),
        *_nim_identity(subject),
        *_nim_resource(subject),
    )


def _partition(subject: Subject) -> Iterator[Residue]:
    original = subject.partition.removesuffix(ORIGINAL) + ORIGINAL
    for each in subject.value(LPARS, subject.managed_system):
        if each.name == original:
            text = f"{original} (id {each.lpar_id}, {each.state}) is on {subject.managed_system}."
            yield Residue(LeftoverKind.ORIGINAL, text, original)


def _disks(subject: Subject) -> Iterator[Residue]:
    try:
        mirrors = subject.value(LVUPDATE_DATA).disks("mhdisk")
    except FactMissing:
        mirrors = ()
    for disk in subject.value(LSPV):
        if disk.volume_group == LEFTOVER:
            yield Residue(LeftoverKind.LVUP_ROOTVG, f"{disk.name} holds {LEFTOVER}.", disk.name)
        elif disk.volume_group == "rootvg" and disk.name in mirrors:
            text = f"{disk.name}, named for the mirror, belongs to rootvg."
            yield Residue(LeftoverKind.MIRROR, text, disk.name)


def _processes(subject: Subject) -> Iterator[Residue]:
    try:
        stale = subject.value(STALE_LIBRARIES)
    except FactMissing:
        return
    if stale:
        names = some_of(process.name for process in stale)
        yield Residue(LeftoverKind.STALE_LIBRARIES, f"They have to be started again: {names}.")


def _nim_identity(subject: Subject) -> Iterator[Residue]:
    if not subject.nim_name:
        return
    outcome = examine(CHECK_OF["RQ-057"], replace(subject, procedure="nim_live_update")).outcome
    if outcome.state is FindingState.BLOCKER:
        yield Residue(LeftoverKind.NIM_IDENTITY, outcome.message)


def _nim_resource(subject: Subject) -> Iterator[Residue]:
    """An update through NIM that broke off leaves its resource with the client (0042-207 for the next)."""
    try:
        own = subject.value(NIM_OBJECT, subject.nim_name) if subject.nim_name else None
    except FactMissing:
        return
    if own is not None and (resource := own.get("live_update_data")):
        yield Residue(LeftoverKind.NIM_RESOURCE, f"{resource} is allocated to {own.name} in NIM.", resource)
