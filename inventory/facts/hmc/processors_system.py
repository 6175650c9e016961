"""`lshwres -r proc --level sys`: the processors of a managed system."""

from dataclasses import dataclass
from decimal import Decimal

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import cores, only, records


@dataclass(frozen=True, slots=True)
class SystemProcessors:
    """Cores: what partitions may have in all, and what no partition has now."""

    configurable: Decimal
    available: Decimal


def _build(managed_system: str) -> Command:
    return hmc("lshwres", "-r", "proc", "-m", managed_system, "--level", "sys")


def _parse(output: Output) -> SystemProcessors:
    record = only(records(output, "lshwres"), "managed system")
    return SystemProcessors(
        cores(record, "configurable_sys_proc_units"), cores(record, "curr_avail_sys_proc_units")
    )


PROCESSORS_SYSTEM = Fact(
    name="processors_system",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system",),
    volatile=True,
)
