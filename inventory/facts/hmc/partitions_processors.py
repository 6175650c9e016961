"""`lshwres -r proc --level lpar`: the processors of all partitions of a managed system."""

from dataclasses import dataclass
from decimal import Decimal

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import Record, cores_if_any, count, count_if_any, records, text

_COLUMNS = (
    *("lpar_name", "lpar_id", "curr_proc_mode", "curr_proc_units", "curr_procs"),
    "curr_shared_proc_pool_id",
)


@dataclass(frozen=True, slots=True)
class PartitionProcessors:
    """What a partition is entitled to, in cores (None where the HMC does not say), and from which pool."""

    lpar_name: str
    lpar_id: int
    cores: Decimal | None
    pool: int | None


def _build(managed_system: str) -> Command:
    return hmc(*("lshwres", "-r", "proc", "-m", managed_system, "--level", "lpar"), "-F", ",".join(_COLUMNS))


def _parse(output: Output) -> tuple[PartitionProcessors, ...]:
    return tuple(
        PartitionProcessors(
            lpar_name=text(record, "lpar_name"),
            lpar_id=count(record, "lpar_id"),
            cores=_cores(record),
            pool=count_if_any(record, "curr_shared_proc_pool_id"),
        )
        for record in records(output, "lshwres", _COLUMNS)
    )


def _cores(record: Record) -> Decimal | None:
    """Processing units, or whole processors where they are dedicated."""
    if text(record, "curr_proc_mode") == "ded":
        whole = count_if_any(record, "curr_procs")
        return None if whole is None else Decimal(whole)
    return cores_if_any(record, "curr_proc_units")


PARTITIONS_PROCESSORS = Fact(
    name="partitions_processors",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system",),
    discovery=True,
)
