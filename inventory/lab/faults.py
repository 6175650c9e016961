"""The faults that can be switched on per host, while the estate runs.

A place where a fault would strike asks for it by name, and the host's truth log keeps that it was asked:
a fault that a course of events never asks for has no part in it, switched on or off.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from inventory.lab.world.model import World


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of trouble. `value` is what it means when it is switched on without a value."""

    name: str
    meaning: str
    value: str = "on"


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("drop_connections", "cut the host's SSH connections now (does not stay on)"),
        Fault("reboot", "reboot the LPAR now: processes end, HMC sessions are lost (does not stay on)"),
        Fault("refuse", "refuse new connections"),
        Fault("hang", "accept connections and answer nothing"),
        Fault("changed_host_key", "answer with another host key"),
        Fault("wrong_status", "exit statuses: `lost` sends none, a number is sent instead", "lost"),
        Fault("disk_full", "no file of the host can grow; /var is full"),
        Fault("localized", "messages in the host's own language (French; Polish on the HMC)"),
        Fault("hmc_down", "the HMC refuses sessions and Live Update's requests"),
        Fault("rest_down", "the HMC answers SSH, and neither the LPARs' logons nor Live Update's requests"),
        Fault("capacity_gone", "another partition takes the managed system's free memory and cores"),
        Fault("blackout", "length of the blackout in simulated seconds", "75"),
        Fault("blackout_drop", "the host's SSH connections are cut when the blackout begins"),
        Fault(
            "kernel_failure",
            "the kernel cannot release shared libraries in the blackout unless only root runs programs (P6)",
        ),
        Fault("procfs_open", "a process holds /proc open; the freeze is denied (P1)"),
        Fault("hmc_lost", "the HMC connection breaks in the blackout (P8)"),
        Fault(
            "preview_failure",
            "the verification fails: F05, F07, F08, F09, or a text",
            "F05",
        ),
        Fault("notification_script", "a registered script fails: P3 (pfcdaemon) or P5 (autofs)", "P3"),
        Fault("keeps_running", "subsystems, agents and WPARs do not stop when they are told to"),
        Fault("stays_down", "subsystems, agents and WPARs do not start again"),
        Fault("filters_lost", "impfilt loads no filter rules"),
        Fault("install_failure", "the install part fails before anything is changed"),
        Fault("ifix_failure", "an operation on an interim fix fails and exits with status 0 (F41)"),
        Fault("disk_taken", "somebody puts the clone's target into a volume group before the copy (F21)"),
        Fault("leftover_stays", "clvupdate -v wants a session with PowerVC and removes nothing"),
        Fault("alt_disk_failure", "alt_disk_copy fails half-way"),
        Fault("dkeyexch_npe", "dkeyexch on the NIM master ends with a NullPointerException (F27)"),
        Fault("powervc_down", "PowerVC answers neither this LPAR's logons nor its Live Update's requests"),
        Fault("powervc_session_lost", "the LPAR's session with PowerVC expires once the update has begun"),
        Fault("bootlist_touched", "alt_disk_copy changes the boot list although it was told not to"),
        Fault("clone_no_boot", "the LPAR does not start from an alternate rootvg: it stays in firmware"),
        Fault("surrogate_hang", "the surrogate never finishes its first boot"),
        Fault("original_not_deleted", "the original stays after the move (clvupdate -o)"),
        Fault("status_stuck", "after a dirty failure live update processes seem to run (clvupdate -u)"),
        Fault(
            "partition_left", "clvupdate leaves the other partition on the HMC, with the names of the move"
        ),
        Fault("clvupdate_prompts", "clvupdate asks before it removes anything"),
        Fault("dirty_failure", "a failed Live Update leaves what it began for clvupdate"),
        Fault("nimsh_down", "the LPAR's nimsh does not answer its NIM master"),
        Fault("lud_busy", "the LPAR's live_update_data is allocated to somebody else"),
        Fault("nim_stuck", "NIM does not set the client ready after a failure, and gives nothing back"),
        Fault("nim_licence", "NIM's method on the LPAR does not accept licences (P4)"),
        Fault(
            "nim_master_reboot",
            "the NIM master reboots when a client's Live Update through it reaches this milestone",
            "M17",
        ),
        Fault("cod_unreturned", "mobile CoD resources are not returned (1430-187)"),
    )
}


MOMENTARY = ("drop_connections", "reboot")
MET_BY_SESSIONS = ("drop_connections", "reboot", "refuse", "hang", "changed_host_key")
"""Faults of a host's network and of the host as a whole: every session with it meets them."""


class UnknownFault(ValueError):
    """No fault has this name, or no host."""


class Strikes(Mapping[str, str]):
    """The faults that are on on a host with their values; `asked` hears the name of each asked for."""

    def __init__(self, on: Mapping[str, str], asked: Callable[[str], None]) -> None:
        self._on = on
        self._asked = asked

    def __getitem__(self, name: str) -> str:
        self._asked(name)
        return self._on[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._on)

    def __len__(self) -> int:
        return len(self._on)


class Faults:
    """Which faults are on, kept in the world so that they outlive a restart.

    `asked` is told a host and a fault wherever that fault would strike.
    """

    def __init__(self, world: World, asked: Callable[[str, str], None]) -> None:
        self._world = world
        self._asked = asked

    def of(self, host: str) -> Strikes:
        """The faults of a host with their values, for a place where they strike."""
        return Strikes(self.switched_on(host), lambda name: self._asked(host, name))

    def switched_on(self, host: str) -> dict[str, str]:
        """The same, for whoever only wants to know what is on."""
        return self._world.faults.get(host, {})

    def silences(self, hmc: str) -> bool:
        """Whether the HMC answers no request of Live Update and of logons."""
        return bool({"hmc_down", "rest_down"} & self.of(hmc).keys())

    def set(self, host: str, name: str, value: str = "") -> Fault:
        """Switch a fault on. Raises UnknownFault."""
        if name not in FAULTS:
            raise UnknownFault(f"no fault is called {name}; known are {', '.join(FAULTS)}")
        if host not in self._world.hosts():
            raise UnknownFault(f"no host is called {host}; known are {', '.join(self._world.hosts())}")
        if name not in MOMENTARY:
            self._world.faults.setdefault(host, {})[name] = value or FAULTS[name].value
        return FAULTS[name]

    def clear(self, host: str = "", name: str = "") -> None:
        """Switch off one fault, all of a host, or all."""
        for one, active in self._world.faults.items():
            if host in ("", one):
                for fault in [name] if name else list(active):
                    active.pop(fault, None)
