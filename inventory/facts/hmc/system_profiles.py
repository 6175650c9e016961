"""`lssyscfg -r prof`: the profiles of all partitions of a managed system."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count, count_if_any, records, text

_COLUMNS = ("name", "lpar_name", "lpar_id", "min_mem", "desired_mem", "max_mem")


@dataclass(frozen=True, slots=True)
class SystemProfile:
    """A profile with its memory in MB (None where the profile takes all resources)."""

    name: str
    lpar_name: str
    lpar_id: int
    minimum_memory_mb: int | None
    desired_memory_mb: int | None
    maximum_memory_mb: int | None


def _build(managed_system: str) -> Command:
    return hmc("lssyscfg", "-r", "prof", "-m", managed_system, "-F", ",".join(_COLUMNS))


def _parse(output: Output) -> tuple[SystemProfile, ...]:
    return tuple(
        SystemProfile(
            name=text(record, "name"),
            lpar_name=text(record, "lpar_name"),
            lpar_id=count(record, "lpar_id"),
            minimum_memory_mb=count_if_any(record, "min_mem"),
            desired_memory_mb=count_if_any(record, "desired_mem"),
            maximum_memory_mb=count_if_any(record, "max_mem"),
        )
        for record in records(output, "lssyscfg", _COLUMNS)
    )


SYSTEM_PROFILES = Fact(
    name="system_profiles",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system",),
    discovery=True,
)
