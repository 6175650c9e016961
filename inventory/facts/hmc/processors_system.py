"""`lshwres -r proc --level sys`: the processors of a managed system."""

from dataclasses import dataclass
from decimal import Decimal

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import cores, cores_if_any, only, records


@dataclass(frozen=True, slots=True)
class SystemProcessors:
    """Cores: what partitions may have in all, what none has now, and what is built in, if said."""

    configurable: Decimal
    available: Decimal
    installed: Decimal | None


def _build(managed_system: str) -> Command:
    return hmc("lshwres", "-r", "proc", "-m", managed_system, "--level", "sys")


def _parse(output: Output) -> SystemProcessors:
    record = only(records(output, "lshwres"), "managed system")
    return SystemProcessors(
        configurable=cores(record, "configurable_sys_proc_units"),
        available=cores(record, "curr_avail_sys_proc_units"),
        installed=cores_if_any(record, "installed_sys_proc_units"),
    )


PROCESSORS_SYSTEM = Fact(
    name="processors_system",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system",),
    version=2,
    volatile=True,
)
