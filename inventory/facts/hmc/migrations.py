"""`lslparmigr -r lpar`: which partitions of a managed system are moving to another one."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import records, text

_COLUMNS = ("name", "migration_state")


@dataclass(frozen=True, slots=True)
class Migration:
    """A partition's state of Live Partition Mobility: `Not Migrating`, `Migration In Progress`, …"""

    lpar_name: str
    state: str


def _build(managed_system: str) -> Command:
    return hmc("lslparmigr", "-r", "lpar", "-m", managed_system, "-F", ",".join(_COLUMNS))


def _parse(output: Output) -> tuple[Migration, ...]:
    return tuple(
        Migration(text(record, "name"), text(record, "migration_state"))
        for record in records(output, "lslparmigr", _COLUMNS)
    )


MIGRATIONS = Fact(
    name="migrations",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system",),
    volatile=True,
)
