"""`lshmcusr`: the HMC user that LPARs authenticate as for Live Update."""

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.hmc_account import HmcUser, parse_users


def _build(hmc_user: str) -> Command:
    return hmc("lshmcusr", "--filter", f"names={hmc_user}")


def _parse(output: Output) -> HmcUser | None:
    """The user, or None when the HMC knows none of this name."""
    found = parse_users(output)
    if len(found) > 1:
        raise Unparsable(f"{len(found)} records where one HMC user is expected")
    return found[0] if found else None


HMC_USER = Fact(
    name="hmc_user", host=HostKind.HMC, build=_build, parse=_parse, params=("hmc_user",), version=2
)
