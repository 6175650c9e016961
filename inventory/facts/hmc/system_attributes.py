"""`lssyscfg -r sys` with all attributes: how many partitions a managed system can have."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count, only, records, text


@dataclass(frozen=True, slots=True)
class SystemAttributes:
    """A managed system's name and its limit of partitions."""

    name: str
    max_lpars: int


def _build(managed_system: str) -> Command:
    return hmc("lssyscfg", "-r", "sys", "-m", managed_system)


def _parse(output: Output) -> SystemAttributes:
    record = only(records(output, "lssyscfg"), "managed system")
    return SystemAttributes(text(record, "name"), count(record, "max_lpars"))


SYSTEM_ATTRIBUTES = Fact(
    name="system_attributes", host=HostKind.HMC, build=_build, parse=_parse, params=("managed_system",)
)
