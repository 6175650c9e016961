"""`lshwres -r mem --level lpar`: the memory of a partition."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count, count_if_any, only, records, text


@dataclass(frozen=True, slots=True)
class LparMemory:
    """Memory of a partition in MB; `mode` is `ded` or `shared`, empty where the HMC leaves it out.

    `huge_pages` counts pages of 16 GB, None where the HMC leaves it out.
    """

    lpar_name: str
    minimum_mb: int
    current_mb: int
    maximum_mb: int
    mode: str
    huge_pages: int | None


def _build(managed_system: str, lpar_name: str) -> Command:
    return hmc(
        *("lshwres", "-r", "mem", "-m", managed_system, "--level", "lpar"),
        *("--filter", f"lpar_names={lpar_name}"),
    )


def _parse(output: Output) -> LparMemory:
    record = only(records(output, "lshwres"), "LPAR")
    return LparMemory(
        lpar_name=text(record, "lpar_name"),
        minimum_mb=count(record, "curr_min_mem"),
        current_mb=count(record, "curr_mem"),
        maximum_mb=count(record, "curr_max_mem"),
        mode=record.get("mem_mode", ""),
        huge_pages=count_if_any(record, "curr_num_huge_pages"),
    )


MEMORY_LPAR = Fact(
    name="memory_lpar",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system", "lpar_name"),
    version=2,
)
