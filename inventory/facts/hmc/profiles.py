"""`lssyscfg -r prof`: the profiles of a partition."""

from dataclasses import dataclass
from decimal import Decimal

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import cores_if_any, count_if_any, records, text


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile with its memory in MB, its processing units in cores and its (virtual) processors.

    None where the profile takes all resources; dedicated processors have no units.
    """

    name: str
    lpar_name: str
    minimum_memory_mb: int | None
    desired_memory_mb: int | None
    maximum_memory_mb: int | None
    minimum_units: Decimal | None
    desired_units: Decimal | None
    maximum_units: Decimal | None
    minimum_processors: int | None
    desired_processors: int | None
    maximum_processors: int | None


def _build(managed_system: str, lpar_name: str) -> Command:
    return hmc("lssyscfg", "-r", "prof", "-m", managed_system, "--filter", f"lpar_names={lpar_name}")


def _parse(output: Output) -> tuple[Profile, ...]:
    return tuple(
        Profile(
            name=text(record, "name"),
            lpar_name=text(record, "lpar_name"),
            minimum_memory_mb=count_if_any(record, "min_mem"),
            desired_memory_mb=count_if_any(record, "desired_mem"),
            maximum_memory_mb=count_if_any(record, "max_mem"),
            minimum_units=cores_if_any(record, "min_proc_units"),
            desired_units=cores_if_any(record, "desired_proc_units"),
            maximum_units=cores_if_any(record, "max_proc_units"),
            minimum_processors=count_if_any(record, "min_procs"),
            desired_processors=count_if_any(record, "desired_procs"),
            maximum_processors=count_if_any(record, "max_procs"),
        )
        for record in records(output, "lssyscfg")
    )


PROFILES = Fact(
    name="profiles",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system", "lpar_name"),
    version=2,
)
