"""What exists and how to reach it."""

from inventory.models.capacity import CodPool, ProcessorPool, SystemCapacity
from inventory.models.discovery import Discovered, Discovery
from inventory.models.facts import FactReading
from inventory.models.hosts import Credential, Host, HostKey
from inventory.models.nim import LiveUpdateData, LppSource, NimIfix, NimObject
from inventory.models.systems import Disk, Hmc, Lpar, ManagedSystem, NimMaster
from inventory.models.vios import Vios

__all__ = [
    "CodPool",
    "Credential",
    "Discovered",
    "Discovery",
    "Disk",
    "FactReading",
    "Hmc",
    "Host",
    "HostKey",
    "LiveUpdateData",
    "Lpar",
    "LppSource",
    "ManagedSystem",
    "NimIfix",
    "NimMaster",
    "NimObject",
    "ProcessorPool",
    "SystemCapacity",
    "Vios",
]
