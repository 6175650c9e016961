"""`lshwres -r mem --level sys`: the memory of a managed system."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count, count_if_any, only, records


@dataclass(frozen=True, slots=True)
class SystemMemory:
    """Memory in MB: what partitions may have in all, what none has now, and what is built in, if said."""

    configurable_mb: int
    available_mb: int
    installed_mb: int | None


def _build(managed_system: str) -> Command:
    return hmc("lshwres", "-r", "mem", "-m", managed_system, "--level", "sys")


def _parse(output: Output) -> SystemMemory:
    record = only(records(output, "lshwres"), "managed system")
    return SystemMemory(
        configurable_mb=count(record, "configurable_sys_mem"),
        available_mb=count(record, "curr_avail_sys_mem"),
        installed_mb=count_if_any(record, "installed_sys_mem"),
    )


MEMORY_SYSTEM = Fact(
    name="memory_system",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system",),
    version=2,
    volatile=True,
)
