"""`lshmcusr`: all users of an HMC with their roles."""

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind
from inventory.facts.hmc_account import parse_users


def _build() -> Command:
    return hmc("lshmcusr")


HMC_USERS = Fact(name="hmc_users", host=HostKind.HMC, build=_build, parse=parse_users, discovery=True)
