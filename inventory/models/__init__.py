"""What exists and how to reach it."""

from inventory.models.advisories import Advisory, AparFile, Exposure, ExposureLook, ExposureSpan
from inventory.models.capacity import CodPool, ProcessorPool, SystemCapacity
from inventory.models.compliance import Baseline, LevelChange, LevelException
from inventory.models.discovery import Discovered, Discovery
from inventory.models.facts import FactReading
from inventory.models.hosts import Credential, Host, HostKey
from inventory.models.nim import LiveUpdateData, LppSource, NimIfix, NimObject
from inventory.models.systems import Disk, Hmc, Lpar, ManagedSystem, NimMaster, PowerVc
from inventory.models.vios import Vios

__all__ = [
    "Advisory",
    "AparFile",
    "Baseline",
    "CodPool",
    "Credential",
    "Discovered",
    "Discovery",
    "Disk",
    "Exposure",
    "ExposureLook",
    "ExposureSpan",
    "FactReading",
    "Hmc",
    "Host",
    "HostKey",
    "LevelChange",
    "LevelException",
    "LiveUpdateData",
    "Lpar",
    "LppSource",
    "ManagedSystem",
    "NimIfix",
    "NimMaster",
    "NimObject",
    "PowerVc",
    "ProcessorPool",
    "SystemCapacity",
    "Vios",
]
