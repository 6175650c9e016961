"""Which Virtual I/O Servers serve a partition, by its virtual adapters."""

from collections import Counter
from collections.abc import Mapping

from inventory.facts.base import FactSet
from inventory.facts.hmc.virtual_fibre_channel import VIRTUAL_FIBRE_CHANNEL
from inventory.facts.hmc.virtual_scsi import VIRTUAL_SCSI

ANY = "any"
"""What the HMC calls the other end of an adapter that any partition may connect to."""


def serving_vioses(facts: FactSet, managed_system: str, partition: str) -> Mapping[str, int]:
    """The VIOSs at the other end of SCSI and Fibre Channel adapters, with the number of adapters each.

    Raises FactMissing.
    """
    key = f"{managed_system},{partition}"
    vioses = [each.vios for each in facts.value(VIRTUAL_SCSI, key)]
    vioses += [each.vios for each in facts.value(VIRTUAL_FIBRE_CHANNEL, key)]
    return Counter(name for name in vioses if name not in (ANY, ""))
