"""The environment of a NIM master as the inventory and its last reading know it: what a set-up goes by.

Pure: what is there is told by NIM's own objects, and managed systems are told apart by exact serial numbers.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from inventory.discovery.nim_links import host_of
from inventory.facts.nim.nim_keystore import KEYSTORE
from inventory.facts.nim_objects import ManagementProfile, NimStanza, management_profile, system_serial

FILESETS = ("dsm.core", "dsm.dsh")
VIOS_PORTS = (1019, 1020, 1021, 1022, 1023, 1058, 1059, 3901, 3902, 5813)
"""TCP ports between VIOS and NIM master (handbook 5.10)."""


@dataclass(frozen=True, slots=True)
class SiteSystem:
    """A managed system whose LPARs the NIM master serves, as the inventory knows it."""

    name: str
    serial: str
    type_model: str

    @property
    def nim_name(self) -> str:
        """What `nimquery -d` calls its object."""
        return f"{self.type_model}_{self.serial}"


@dataclass(frozen=True, slots=True)
class SiteVios:
    """A VIOS of such a system; the address may be unknown."""

    name: str
    address: str
    partition_id: int
    system: SiteSystem


@dataclass(frozen=True, slots=True)
class SiteClient:
    """An LPAR that the inventory assigns to the NIM master, and the object that it is there (empty: none)."""

    name: str
    nim_name: str
    partition: str
    partition_id: int
    system: SiteSystem


@dataclass(frozen=True, slots=True)
class NimSite:
    """A NIM master and the HMC that it is, or is to be, linked to.

    `objects` are NIM's by name; `filesets` the levels of dsm.* by name, None where they were not read;
    `keystores` the modes of the keystores by path; `public_key` root's, empty where there is none;
    `queried` are the serial numbers that the HMC's object answered with when nimquery last asked.
    """

    master: str
    address: str
    hmc: str
    hmc_address: str
    objects: Mapping[str, NimStanza]
    filesets: Mapping[str, str] | None = None
    keystores: Mapping[str, str] = field(default_factory=dict)
    public_key: str = ""
    queried: frozenset[str] = frozenset()
    systems: tuple[SiteSystem, ...] = ()
    vioses: tuple[SiteVios, ...] = ()
    clients: tuple[SiteClient, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def is_read(self) -> bool:
        """Whether the NIM master was ever read: it lists itself at least."""
        return bool(self.objects)

    @property
    def hmc_object(self) -> NimStanza | None:
        """NIM's object of the HMC, by its host's name or address."""
        wanted = {_short(self.hmc), self.hmc_address}
        for each in self.of_type("hmc"):
            if wanted & {_short(each.name), _short(host_of(each)), host_of(each)}:
                return each
        return None

    @property
    def hmc_name(self) -> str:
        """What NIM calls the HMC, or is to call it."""
        return self.hmc_object.name if self.hmc_object else _short(self.hmc)

    @property
    def keystore(self) -> str:
        """Where the HMC's password lies, or is to lie."""
        return (self.hmc_object.get("passwd_file") if self.hmc_object else "") or KEYSTORE

    @property
    def missing_filesets(self) -> tuple[str, ...]:
        """Those of dsm.* that are not installed, as far as it is known."""
        return () if self.filesets is None else tuple(name for name in FILESETS if name not in self.filesets)

    @property
    def asks_hmc(self) -> bool:
        """Whether the last nimquery went through: user, keystore and key are in order."""
        return self.hmc_object is not None and bool(self.queried)

    def system_object(self, serial: str) -> NimStanza | None:
        """NIM's object of the managed system with exactly this serial number."""
        return next(
            (each for each in self.of_type("cec") if system_serial(each).upper() == serial.upper()), None
        )

    def vios_object(self, vios: SiteVios) -> NimStanza | None:
        """NIM's object of a VIOS, by its name or its place."""
        system = self.system_object(vios.system.serial)
        place = (vios.partition_id, system.name) if system else None
        for each in self.of_type("vios"):
            profile = management_profile(each)
            there = (profile.partition_id, profile.managed_system) if profile else ()
            if _short(vios.name) in (_short(each.name), _short(host_of(each))) or there == place:
                return each
        return None

    def network_of(self, address: str) -> str:
        """The name of NIM's network that holds an address; empty when none does."""
        with suppress(ValueError):
            wanted = ip_address(address)
            for each in self.networks:
                with suppress(ValueError):
                    if wanted in ip_network(f"{each.get('net_addr')}/{each.get('snm')}", strict=False):
                        return each.name
        return ""

    @property
    def networks(self) -> tuple[NimStanza, ...]:
        """NIM's networks."""
        return tuple(each for each in self.objects.values() if each.cls == "networks")

    def profile_of(self, client: SiteClient) -> ManagementProfile | None:
        """Where NIM believes that a client runs."""
        known = self.objects.get(client.nim_name)
        return management_profile(known) if known else None

    def has(self, name: str) -> bool:
        """Whether NIM has an object of this name, of whatever type."""
        return name in self.objects

    def of_type(self, wanted: str) -> tuple[NimStanza, ...]:
        """NIM's objects of a type."""
        return tuple(each for each in self.objects.values() if each.type == wanted)


def _short(name: str) -> str:
    return name.partition(".")[0].lower()
