"""What the simulated estate is made of.

Plain data: commands read and change it, `world.store` keeps it. Sizes are MB, processor units are
cores, times are epoch seconds. Files of a host are real files below its root, not state.
"""

from dataclasses import dataclass, field

from inventory.lab.world.frame import (
    CodPool,
    Hmc,
    IfixPackage,
    ManagedSystem,
    NimObject,
    Partition,
    PowerVc,
)


@dataclass(slots=True)
class Fileset:
    """One installed fileset; `state` is C (committed) or A (applied)."""

    level: str
    description: str
    state: str = "C"
    build: str = "2148"


@dataclass(slots=True)
class InterimFix:
    """An installed interim fix, the filesets it locks and the files it replaced."""

    label: str
    packages: list[str]
    abstract: str
    state: str = "S"
    installed: str = "04/30/22 11:03:46"
    files: list[str] = field(default_factory=list)
    reboot: bool = False


@dataclass(slots=True)
class Disk:
    """A physical volume. `volume_group` is empty while it belongs to none.

    `signature`: the record of a former volume group is still there. `contents` is `blank`, `aix` or
    `asm`, `failed_paths` names the adapters over which it cannot be reached.
    """

    size_mb: int
    pvid: str
    volume_group: str = ""
    active: bool = False
    volume: str = ""
    reserve_policy: str = "no_reserve"
    signature: bool = False
    contents: str = "aix"
    failed_paths: list[str] = field(default_factory=list)


@dataclass(slots=True)
class LogicalVolume:
    """A logical volume; `lps` partitions of `VolumeGroup.pp_mb`."""

    name: str
    type: str
    lps: int
    mount_point: str = "N/A"
    state: str = "open/syncd"


@dataclass(slots=True)
class VolumeGroup:
    """A volume group of an LPAR; its disks are those that name it."""

    volumes: list[LogicalVolume]
    pp_mb: int = 128
    copies: int = 1
    stale_pps: int = 0
    full: bool = False
    encrypted: bool = False
    boot_in_pieces: bool = False
    identifier: str = "00fa343b00004c0000000170b8f050a7"


@dataclass(slots=True)
class FileSystem:
    """A file system with its device, size and free space."""

    device: str
    size_mb: float
    free_mb: float
    inodes: int = 1200


@dataclass(slots=True)
class Mount:
    """A line of the mount table. `node` is empty for local ones."""

    mounted: str
    over: str
    vfs: str
    options: str = ""
    node: str = ""
    since: str = "Oct 02 07:11"


@dataclass(slots=True)
class Subsystem:
    """A subsystem under SRC control; `pid` 0 means inoperative. It takes `slow_s` to start or stop."""

    group: str = ""
    pid: int = 0
    stale: bool = False
    program: str = ""
    slow_s: float = 0.0
    proc_open: bool = False


@dataclass(slots=True)
class Process:
    """A process of the workload that is not under SRC control."""

    pid: int
    command: str
    user: str = "root"
    ppid: int = 1
    stale: bool = False
    proc_open: bool = False
    since: str = "Oct 02"


@dataclass(slots=True)
class Token:
    """An authenticated session with an HMC or a PowerVC (which has projects) that the kernel holds."""

    address: str
    user: str
    port: int = 12443
    project: str = ""


@dataclass(slots=True)
class ErrorEntry:
    """An entry of the error log, oldest first in the list."""

    identifier: str
    at: float
    type: str
    cls: str
    resource: str
    description: str
    label: str = ""


@dataclass(slots=True)
class NotificationScript:
    """A script registered for a phase of Live Update."""

    label: str
    side: str
    phase: str
    priority: int
    command: str


@dataclass(slots=True)
class Progress:
    """Where a Live Update stands.

    `state` follows the handbook: IDLE, INSTALLING, VERIFYING, RUNNING, MOVED, DONE, FAILED_CLEAN,
    FAILED_DIRTY, MOVED_DIRTY. `disks_lent`: nhdisk and mhdisk are PowerVC's and go back to it.
    `dirty` is FAILED_DIRTY or MOVED_DIRTY until `clvupdate` has cleaned up, whatever is tried meanwhile;
    `rebooted` since then, `stuck` in the kernel's status; `configuration` tells its liveupdate.cf.
    """

    state: str = "IDLE"
    milestone: str = ""
    original_id: int = 0
    surrogate_id: int = 0
    nhdisk: str = ""
    mhdisk: str = ""
    disks_lent: bool = False
    started_at: float = 0.0
    dirty: str = ""
    rebooted: bool = False
    stuck: bool = False
    configuration: str = ""


@dataclass(slots=True)
class RootImage:
    """What a copy of rootvg holds of its system; the fields are those of `Lpar`."""

    level: str
    filesets: dict[str, Fileset]
    efixes: list[InterimFix]
    errors: list[ErrorEntry]
    stanzas: dict[str, str]
    users: dict[str, str]
    scripts: list[NotificationScript]
    trust: dict[str, str]


@dataclass(slots=True)
class Lpar:
    """An AIX partition as its operating system sees it.

    `kernel_level` and `kernel_ifix` (a label) are those of the running kernel; the disk may hold another.
    `booted_at` (epoch seconds) is when that kernel was started.
    """

    name: str
    address: str
    uuid: str
    partition_id: int
    level: str
    kernel_level: str
    kernel_ifix: str = ""
    machine_id: str = "00FA343B4C00"
    filesets: dict[str, Fileset] = field(default_factory=dict)
    efixes: list[InterimFix] = field(default_factory=list)
    disks: dict[str, Disk] = field(default_factory=dict)
    mapped: dict[str, Disk] = field(default_factory=dict)
    groups: dict[str, VolumeGroup] = field(default_factory=dict)
    filesystems: dict[str, FileSystem] = field(default_factory=dict)
    mounts: list[Mount] = field(default_factory=list)
    subsystems: dict[str, Subsystem] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    trust: dict[str, str] = field(default_factory=dict)
    audit: bool = False
    audit_stream: bool = False
    ipsec: list[str] = field(default_factory=list)
    filters: dict[str, list[str]] = field(default_factory=dict)
    filters_in_force: list[str] = field(default_factory=list)
    wlm: str = "stopped"
    wpars: dict[str, str] = field(default_factory=dict)
    adapters: list[str] = field(default_factory=list)
    tapes: list[str] = field(default_factory=list)
    cdroms: list[str] = field(default_factory=list)
    extensions: list[str] = field(default_factory=list)
    safe_extensions: list[str] = field(default_factory=list)
    scripts: list[NotificationScript] = field(default_factory=list)
    missing_scripts: list[str] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    powervc_tokens: list[Token] = field(default_factory=list)
    errors: list[ErrorEntry] = field(default_factory=list)
    bootlist: list[str] = field(default_factory=list)
    inconsistent: list[str] = field(default_factory=list)
    space_managed: list[str] = field(default_factory=list)
    asynchronous_mirrors: dict[str, list[str]] = field(default_factory=dict)
    cluster_state: str = ""
    cluster_unmanaged: list[str] = field(default_factory=list)
    stanzas: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    security_profile: str = ""
    storage_keys: int = 2
    dump_taken: str = ""
    virtual_logs: list[str] = field(default_factory=list)
    smt: int = 8
    paging_mb: int = 4096
    paging_percent: int = 2
    large_pages: int = 0
    reaches_console: bool = True
    nim_client: bool = True
    booted_at: float = 1759388880.0
    rmc_trouble: str = ""
    rmc_remote: bool = True
    peer_domain: str = ""
    progress: Progress = field(default_factory=Progress)
    images: dict[str, RootImage] = field(default_factory=dict)

    def in_group(self, group: str) -> list[str]:
        """The disks of a volume group, in the order the LPAR lists them."""
        return [name for name, disk in self.disks.items() if disk.volume_group == group]


@dataclass(slots=True)
class Nim:
    """The NIM master with its objects, the levels its directories hold, and interim fixes by their paths."""

    name: str
    address: str
    system: Lpar
    objects: dict[str, NimObject] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)
    ifixes: dict[str, IfixPackage] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """The whole estate, and the faults that are switched on per host.

    Live Update talks to `hmc`, or to one of the `powervcs`; `other_hmcs` manage the same system.
    """

    hmc: Hmc
    system: ManagedSystem
    nim: Nim
    lpars: dict[str, Lpar]
    teams: dict[str, dict[str, str]] = field(default_factory=dict)
    other_hmcs: list[Hmc] = field(default_factory=list)
    powervcs: list[PowerVc] = field(default_factory=list)
    cod_pools: list[CodPool] = field(default_factory=list)
    target_level: str = ""
    keep_lpar_id: bool = False
    faults: dict[str, dict[str, str]] = field(default_factory=dict)

    def hosts(self) -> list[str]:
        """Every host that answers over SSH."""
        return [*(hmc.name for hmc in self.hmcs()), self.nim.name, *self.lpars]

    def hmcs(self) -> list[Hmc]:
        """Every management console."""
        return [self.hmc, *self.other_hmcs]

    def partition_of(self, lpar: Lpar) -> Partition:
        """The partition that carries an LPAR's workload now. Raises KeyError when it is gone."""
        found = self.system.by_id(lpar.partition_id)
        if found is None:
            raise KeyError(lpar.name)
        return found

    def lpar_by_address(self, address: str) -> Lpar | None:
        """The LPAR with this address."""
        return next((lpar for lpar in self.lpars.values() if lpar.address == address), None)
