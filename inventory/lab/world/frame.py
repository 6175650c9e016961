"""The managed system with its partitions, the HMC, and NIM's objects, as dataclasses.

Memory in MB, processor units in cores.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Partition:
    """A partition as the HMC sees it. `owner` names the LPAR whose workload it carries.

    `profile_mem` is what the profile wants when that is not what runs (0: the same). Of a VIOS,
    `nim_master` is whose client it is, `open_ports` what its firewall lets through for whom.
    """

    name: str
    lpar_id: int
    uuid: str
    state: str = "Running"
    env: str = "aixlinux"
    rmc_state: str = "active"
    address: str = ""
    owner: str = ""
    mem_min: int = 2048
    mem: int = 8192
    mem_max: int = 16384
    units_min: float = 0.1
    units: float = 0.5
    units_max: float = 4.0
    procs_min: int = 1
    procs: int = 2
    procs_max: int = 8
    profile: str = "default_profile"
    sync_curr_profile: int = 1
    wwpns: int = 2
    refcode: str = ""
    migration: str = "Not Migrating"
    remote_restart: int = 0
    profile_mem: int = 0
    max_virtual_slots: int = 200
    ios_level: str = "3.1.4.21"
    nim_master: str = ""
    open_ports: list[str] = field(default_factory=list)


@dataclass(slots=True)
class HmcUser:
    """A user of the HMC with its task role, and the public keys that it may log on with.

    `password` is the digest of one that was typed here; empty: the lab's own (`Keys.password`).
    """

    taskrole: str
    description: str
    resourcerole: str = "ALL:"
    pwage: int = 99999
    password: str = ""
    keys: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ProcessorPool:
    """A shared processor pool besides the default one; units in cores."""

    name: str
    number: int
    max_units: float
    reserved_units: float = 0.0


@dataclass(slots=True)
class CodPool:
    """A Power Enterprise Pool: activated processors and memory (MB), in all and left over."""

    name: str
    number: str
    procs: int
    free_procs: int
    memory_mb: int
    free_memory_mb: int
    state: str = "In compliance"


@dataclass(slots=True)
class ManagedSystem:
    """The frame with its partitions and what is installed in it."""

    name: str
    type_model: str
    serial: str
    memory_mb: int
    units: float
    firmware_mb: int = 9216
    max_lpars: int = 1000
    state: str = "Operating"
    partitions: list[Partition] = field(default_factory=list)
    pools: list[ProcessorPool] = field(default_factory=list)
    firmware: str = "VH950_099"
    inactive_units: int = 0
    inactive_memory_mb: int = 0

    def free_memory(self) -> int:
        """Memory that no activated partition holds."""
        used = sum(p.mem for p in self.partitions if p.state != "Not Activated")
        return self.memory_mb - self.firmware_mb - used

    def free_units(self) -> float:
        """Processor units that no activated partition holds."""
        used = sum(p.units for p in self.partitions if p.state != "Not Activated")
        return round(self.units - used, 2)

    def partition(self, name: str) -> Partition | None:
        """The partition of this name."""
        return next((p for p in self.partitions if p.name == name), None)

    def by_id(self, lpar_id: int) -> Partition | None:
        """The partition with this id."""
        return next((p for p in self.partitions if p.lpar_id == lpar_id), None)

    def free_id(self) -> int:
        """The lowest partition id above all that were given."""
        return max((p.lpar_id for p in self.partitions), default=0) + 1


@dataclass(slots=True)
class Hmc:
    """A management console. Older ones do not know the UUIDs of partitions."""

    name: str
    address: str
    version: str
    service_pack: str
    build: str
    base_version: str
    knows_uuids: bool = True
    users: dict[str, HmcUser] = field(default_factory=dict)


@dataclass(slots=True)
class PowerVc:
    """A PowerVC server with its projects; `users` are those who may log on."""

    name: str
    address: str
    users: list[str] = field(default_factory=list)
    projects: list[str] = field(default_factory=lambda: ["ibm-default"])


@dataclass(slots=True)
class NimObject:
    """An object of the NIM database; attributes in the order `lsnim -l` prints them.

    A value of several lines is an attribute that goes on (`err_info`); `days_ago=3` is the date of then.
    """

    cls: str
    type: str
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Prerequisite:
    """A fileset that an interim fix needs, with the lowest and the highest level that suit it."""

    fileset: str
    low: str
    high: str


@dataclass(slots=True)
class IfixPackage:
    """What an interim fix package holds: files with the filesets they belong to, and what it asks for.

    `reboot`: without Live Update it becomes active by a reboot. With an `apar` installp removes it when
    an update brings that APAR. `supersedes` are labels whose place it takes.
    """

    label: str
    abstract: str
    files: dict[str, str]
    lu_capable: bool = True
    reboot: bool = False
    apar: str = ""
    prerequisites: list[Prerequisite] = field(default_factory=list)
    supersedes: list[str] = field(default_factory=list)
