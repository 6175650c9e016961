"""What exists and how to reach it."""

from inventory.models.facts import FactReading
from inventory.models.hosts import Credential, Host, HostKey
from inventory.models.systems import Disk, Hmc, Lpar, ManagedSystem, NimMaster

__all__ = [
    "Credential",
    "Disk",
    "FactReading",
    "Hmc",
    "Host",
    "HostKey",
    "Lpar",
    "ManagedSystem",
    "NimMaster",
]
