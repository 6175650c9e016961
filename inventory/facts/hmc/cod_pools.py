"""`lscodpool --level pool`: the Power Enterprise Pools that an HMC knows."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count_if_any, records, text

NOT_FOUND = 127


@dataclass(frozen=True, slots=True)
class CodPool:
    """A pool of mobile capacity: activated processors (cores) and memory (MB), in all and left over.

    Unreturned is what a managed system uses though it was taken from it. What the HMC leaves out is None.
    """

    number: str
    name: str
    state: str
    cores: int | None
    free_cores: int | None
    unreturned_cores: int | None
    memory_mb: int | None
    free_memory_mb: int | None
    unreturned_memory_mb: int | None


def _build() -> Command:
    return hmc("lscodpool", "--level", "pool")


def _parse(output: Output) -> tuple[CodPool, ...]:
    """The pools; an HMC without this command can have none."""
    if output.status == NOT_FOUND:
        return ()
    return tuple(
        CodPool(
            number=text(record, "id"),
            name=text(record, "name"),
            state=record.get("state", ""),
            cores=count_if_any(record, "mobile_procs"),
            free_cores=count_if_any(record, "avail_mobile_procs"),
            unreturned_cores=count_if_any(record, "unreturned_mobile_procs"),
            memory_mb=count_if_any(record, "mobile_mem"),
            free_memory_mb=count_if_any(record, "avail_mobile_mem"),
            unreturned_memory_mb=count_if_any(record, "unreturned_mobile_mem"),
        )
        for record in records(output, "lscodpool")
    )


COD_POOLS = Fact(name="cod_pools", host=HostKind.HMC, build=_build, parse=_parse)
