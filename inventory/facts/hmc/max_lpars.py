"""`lssyscfg -r sys -F max_lpars`: how many partitions a managed system can have."""

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count, only, records

_COLUMNS = ("max_lpars",)


def _build(managed_system: str) -> Command:
    return hmc("lssyscfg", "-r", "sys", "-m", managed_system, "-F", *_COLUMNS)


def _parse(output: Output) -> int:
    """The most partitions that may be defined."""
    return count(only(records(output, "lssyscfg", _COLUMNS), "managed system"), "max_lpars")


MAX_LPARS = Fact(
    name="max_lpars",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system",),
    also=("lssyscfg -r sys -m <managed_system>",),
)
