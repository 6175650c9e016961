"""RQ-110: no disk is a logical volume or a file of a Virtual I/O Server."""

import re
from collections.abc import Iterator

from inventory.facts.aix.adapters import ADAPTERS
from inventory.facts.aix.disk_devices import DISK_DEVICES
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import FactMissing
from inventory.facts.hmc.scsi_mappings import SCSI_MAPPINGS, Mapping
from inventory.facts.hmc.virtual_scsi import VIRTUAL_SCSI, ScsiAdapter
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted

_WHOLE_DISK = re.compile(r"(?:hdisk|hdiskpower|vpath|dlmfdrv)\d+")
_MEDIA = re.compile(r"cd\d+|.*\.iso|/var/vio/VMLibrary/.*", re.IGNORECASE)


def _test(subject: Subject) -> Outcome:
    adapters = [each for each in subject.value(ADAPTERS) if "Virtual SCSI" in each.description]
    if not adapters:
        message = "There is no virtual SCSI adapter, so no disk comes from a logical volume of a VIOS."
        return Outcome(FindingState.OK, message, (quoted(subject, ADAPTERS),))
    disks = _over_scsi(subject)
    if not disks:
        message = "The virtual SCSI adapters carry no disk."
        return Outcome(FindingState.OK, message, (quoted(subject, DISK_DEVICES),))
    evidence = (lines_with(subject, ADAPTERS, having=("Virtual SCSI",)),)
    named = ", ".join(disks)
    try:
        mappings, seen = _mappings(subject)
    except FactMissing as missing:
        if missing.reading is not None and missing.reading.output.status == 0:
            raise
        message = (
            f"{named} come over virtual SCSI, and what backs them on the VIOS is not known "
            f"({missing.reason.rstrip('.')}). Logical volumes and files are not supported."
        )
        return Outcome(FindingState.WARNING, message, evidence)
    unsupported = [mapping for mapping in mappings if _not_a_disk(mapping)]
    if unsupported:
        backed = ", ".join(f"{mapping.target} by {mapping.backing}" for mapping in unsupported)
        message = f"The VIOS backs virtual disks by logical volumes or files: {backed}."
        return Outcome(FindingState.BLOCKER, message, (*evidence, *seen))
    message = f"The disks over virtual SCSI ({named}) are whole disks on the VIOS."
    return Outcome(FindingState.OK, message, (*evidence, *seen))


def _over_scsi(subject: Subject) -> list[str]:
    devices = subject.value(DISK_DEVICES)
    return [device.name for device in devices if "Virtual SCSI" in device.description]


def _mappings(subject: Subject) -> tuple[list[Mapping], list[Evidence]]:
    """What each serving VIOS maps to this LPAR's adapters. Raises FactMissing."""
    system = subject.managed_system
    found, seen = [], []
    adapters = subject.value(VIRTUAL_SCSI, system, subject.partition)
    for vios in sorted({adapter.vios for adapter in adapters}):
        mapped = list(_of_adapters(subject, vios, [each for each in adapters if each.vios == vios]))
        found += mapped
        words = tuple(mapping.target for mapping in mapped) + tuple(mapping.backing for mapping in mapped)
        seen.append(lines_with(subject, SCSI_MAPPINGS, system, vios, having=tuple(filter(None, words))))
    if not found:
        raise FactMissing(SCSI_MAPPINGS.name, "", None, "no VIOS shows a device for its adapters")
    return found, seen


def _of_adapters(subject: Subject, vios: str, adapters: list[ScsiAdapter]) -> Iterator[Mapping]:
    slots, client = {adapter.vios_slot for adapter in adapters}, subject.value(UNAME_L).id
    for mapping in subject.value(SCSI_MAPPINGS, subject.managed_system, vios):
        if mapping.client_id == client or mapping.vios_slot in slots:
            yield mapping


def _not_a_disk(mapping: Mapping) -> bool:
    """A disk under any name has a physical location; nothing mapped and virtual media are no disks."""
    if not mapping.backing or mapping.location or _WHOLE_DISK.fullmatch(mapping.backing):
        return False
    return not _MEDIA.fullmatch(mapping.backing)


CHECK = Check(
    id="RQ-110",
    title="Disks are whole disks of the storage system",
    why="The surrogate must reach the same disks; logical volumes and files of a VIOS are not supported.",
    remedy="Move the data to disks that are mapped whole, or over virtual Fibre Channel (migratepv).",
    severity=Severity.BLOCKER,
    settled_by_preview=True,
    test=_test,
    source="RQ-110",
    see="On each VIOS: lsmap -all (Backing device hdiskN with a Physloc). Disks over virtual Fibre Channel "
    "are fine.",
    varies="A warning where disks come over virtual SCSI and the VIOS cannot be asked.",
)
