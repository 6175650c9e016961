"""`lssyscfg -r lpar` without columns: for an HMC that refuses one of those of a discovery.

Older HMCs do not know `uuid` and refuse the whole command then. A list of attributes has what there is.
"""

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind
from inventory.facts.partition import parse_partitions


def _build(managed_system: str) -> Command:
    return hmc("lssyscfg", "-r", "lpar", "-m", managed_system)


PARTITION_ATTRIBUTES = Fact(
    name="partition_attributes",
    host=HostKind.HMC,
    build=_build,
    parse=parse_partitions,
    params=("managed_system",),
    discovery=True,
)
