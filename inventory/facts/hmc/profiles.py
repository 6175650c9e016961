"""`lssyscfg -r prof`: the profiles of a partition."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count_if_any, records, text


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile with its memory in MB (None where the profile takes all resources)."""

    name: str
    lpar_name: str
    minimum_memory_mb: int | None
    desired_memory_mb: int | None
    maximum_memory_mb: int | None


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
        )
        for record in records(output, "lssyscfg")
    )


PROFILES = Fact(
    name="profiles", host=HostKind.HMC, build=_build, parse=_parse, params=("managed_system", "lpar_name")
)
