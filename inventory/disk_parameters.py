"""Which disks the facts about single disks are read for: an LPAR may have hundreds, a plan needs a few.

Sizes are asked of rootvg's disks and of those that could be spares, everything else of the latter.
"""

import re

from inventory.facts.aix.adapters import ADAPTERS
from inventory.facts.aix.disk_devices import DISK_DEVICES
from inventory.facts.aix.lsmpio import LSMPIO
from inventory.facts.aix.lspv import LSPV, PhysicalVolume
from inventory.facts.base import FactMissing, FactSet

ROOTVG = "rootvg"
LEFTOVER = "lvup_rootvg"
MOST_MEASURED = 32
_CAPI = re.compile(r"\bcapi\b|^cxl|^capi", re.IGNORECASE)


def measured_disks(facts: FactSet) -> list[str]:
    """The disks of rootvg, and the candidates for a spare whose size is worth asking for."""
    return [*_rootvg(facts), *_candidates(facts)[:MOST_MEASURED]]


def spare_disks(facts: FactSet) -> list[str]:
    """The candidates that a plan would take first: enough for nhdisk, mhdisk and a clone, and two more."""
    return _candidates(facts)[: 3 * len(_rootvg(facts)) + 2]


def compared_disks(facts: FactSet) -> list[str]:
    """The disks whose size is asked for in a second way."""
    return [*_rootvg(facts), *spare_disks(facts)]


def capi_devices(facts: FactSet) -> list[str]:
    """Configured devices that are attached by CAPI."""
    found = []
    for fact in (ADAPTERS, DISK_DEVICES):
        try:
            devices = facts.value(fact)
        except FactMissing:
            continue
        found += [
            device.name
            for device in devices
            if device.state == "Available" and _CAPI.search(f"{device.name} {device.description}")
        ]
    return found


def _rootvg(facts: FactSet) -> list[str]:
    return [disk.name for disk in _disks(facts) if disk.volume_group == ROOTVG]


def _candidates(facts: FactSet) -> list[str]:
    """Disks in no volume group, and what an earlier Live Update left; those of fitting size first."""
    sizes = _sizes(facts)
    needed = max((sizes.get(name, 0) for name in _rootvg(facts)), default=0)

    def order(disk: PhysicalVolume) -> tuple[bool, bool, int, str, int]:
        stem = disk.name.rstrip("0123456789")
        size = sizes.get(disk.name, 0)
        return (
            disk.volume_group == LEFTOVER,
            0 < size < needed,
            size,
            stem,
            int(disk.name[len(stem) :] or 0),
        )

    able = [disk for disk in _disks(facts) if not disk.state and disk.volume_group in ("", LEFTOVER)]
    return [disk.name for disk in sorted(able, key=order)]


def _disks(facts: FactSet) -> tuple[PhysicalVolume, ...]:
    try:
        return facts.value(LSPV)
    except FactMissing:
        return ()


def _sizes(facts: FactSet) -> dict[str, int]:
    try:
        return {disk.name: disk.size_mb for disk in facts.value(LSMPIO)}
    except FactMissing:
        return {}
