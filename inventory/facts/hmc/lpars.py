"""`lssyscfg -r lpar`: the partitions of a managed system, as its HMC sees them."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count, records, text

_COLUMNS = ("name", "lpar_id", "state", "rmc_state", "curr_profile", "sync_curr_profile")


@dataclass(frozen=True, slots=True)
class HmcLpar:
    """A partition; `rmc_state` is `active`, `inactive`, `unknown` or `none`.

    `lpar_id` changes with a Live Update. `current_profile` is empty while none was ever activated;
    `profile_sync` is 1 when changes at run time are saved to it, 0 when not, 2 while suspended.
    """

    name: str
    lpar_id: int
    state: str
    rmc_state: str
    current_profile: str
    profile_sync: str


def _build(managed_system: str) -> Command:
    return hmc("lssyscfg", "-r", "lpar", "-m", managed_system, "-F", ",".join(_COLUMNS))


def _parse(output: Output) -> tuple[HmcLpar, ...]:
    return tuple(
        HmcLpar(
            name=text(record, "name"),
            lpar_id=count(record, "lpar_id"),
            state=text(record, "state"),
            rmc_state=text(record, "rmc_state"),
            current_profile=text(record, "curr_profile"),
            profile_sync=text(record, "sync_curr_profile"),
        )
        for record in records(output, "lssyscfg", _COLUMNS)
    )


LPARS = Fact(
    name="lpars", host=HostKind.HMC, build=_build, parse=_parse, params=("managed_system",), volatile=True
)
