"""`lshwres -r mem --level lpar`: the memory of all partitions of a managed system."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count, count_if_any, records, text

_COLUMNS = ("lpar_name", "lpar_id", "curr_mem")


@dataclass(frozen=True, slots=True)
class PartitionMemory:
    """Memory of a partition in MB, None where the HMC does not say."""

    lpar_name: str
    lpar_id: int
    memory_mb: int | None


def _build(managed_system: str) -> Command:
    return hmc(*("lshwres", "-r", "mem", "-m", managed_system, "--level", "lpar"), "-F", ",".join(_COLUMNS))


def _parse(output: Output) -> tuple[PartitionMemory, ...]:
    return tuple(
        PartitionMemory(text(record, "lpar_name"), count(record, "lpar_id"), count_if_any(record, "curr_mem"))
        for record in records(output, "lshwres", _COLUMNS)
    )


PARTITIONS_MEMORY = Fact(
    name="partitions_memory",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system",),
    discovery=True,
)
