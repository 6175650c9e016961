"""`lssyscfg -r lpar`: all partitions of a managed system with what identifies them."""

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.partition import COLUMNS, Partition, parse_partitions


def _build(managed_system: str) -> Command:
    return hmc("lssyscfg", "-r", "lpar", "-m", managed_system, "-F", ",".join(COLUMNS))


def _parse(output: Output) -> tuple[Partition, ...]:
    return parse_partitions(output, COLUMNS)


PARTITIONS = Fact(
    name="partitions",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system",),
    discovery=True,
)
