"""By what a disk is known to every LPAR that sees it: its PVID, and the volume of the storage system."""

from collections.abc import Mapping
from dataclasses import dataclass

from inventory.facts.aix.disk_attributes import DISK_ATTRIBUTES
from inventory.facts.aix.lsmpio import LSMPIO
from inventory.facts.aix.lspv import LSPV
from inventory.facts.base import FactMissing, FactSet


@dataclass(frozen=True, slots=True)
class DiskIdentity:
    """A disk of one LPAR; its name is its own, `pvid` and `volume` are the same everywhere.

    `volume` is the device's unique identifier, or vendor, product and volume name where that was not
    read; either may be empty.
    """

    name: str
    pvid: str
    volume_group: str
    volume: str


def identities(facts: FactSet) -> Mapping[str, DiskIdentity]:
    """The LPAR's disks by name; none while nobody knows them."""
    try:
        disks = facts.value(LSPV)
    except FactMissing:
        return {}
    volumes = _volumes(facts)
    return {
        disk.name: DiskIdentity(
            disk.name, disk.pvid, disk.volume_group, _unique(facts, disk.name) or volumes.get(disk.name, "")
        )
        for disk in disks
    }


def _unique(facts: FactSet, disk: str) -> str:
    try:
        return facts.value(DISK_ATTRIBUTES, disk).unique_id
    except FactMissing:
        return ""


def _volumes(facts: FactSet) -> dict[str, str]:
    try:
        return {row.name: f"{row.product} {row.volume}" for row in facts.value(LSMPIO) if row.volume}
    except FactMissing:
        return {}
