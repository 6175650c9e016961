"""`lshwres -r procpool`: the shared processor pools of a managed system."""

from dataclasses import dataclass
from decimal import Decimal

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import cores_if_any, count, records, text

_COLUMNS = ("shared_proc_pool_id", "max_pool_proc_units", "curr_reserved_pool_proc_units", "name")


@dataclass(frozen=True, slots=True)
class ProcessorPool:
    """A pool with its limits in cores; the default pool, number 0, has none of its own."""

    number: int
    name: str
    max_cores: Decimal | None
    reserved_cores: Decimal | None


def _build(managed_system: str) -> Command:
    return hmc("lshwres", "-r", "procpool", "-m", managed_system, "-F", ",".join(_COLUMNS))


def _parse(output: Output) -> tuple[ProcessorPool, ...]:
    return tuple(
        ProcessorPool(
            number=count(record, "shared_proc_pool_id"),
            name=text(record, "name"),
            max_cores=cores_if_any(record, "max_pool_proc_units"),
            reserved_cores=cores_if_any(record, "curr_reserved_pool_proc_units"),
        )
        for record in records(output, "lshwres", _COLUMNS)
    )


PROCESSOR_POOLS = Fact(
    name="processor_pools",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system",),
    discovery=True,
)
