"""`lshmcusr`: the HMC user that LPARs authenticate as for Live Update."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import only, records, text


@dataclass(frozen=True, slots=True)
class HmcUser:
    """An HMC user with its roles; `disabled` is false where the HMC leaves it out."""

    name: str
    task_role: str
    resource_role: str
    disabled: bool


def _build(hmc_user: str) -> Command:
    return hmc("lshmcusr", "--filter", f"names={hmc_user}")


def _parse(output: Output) -> HmcUser | None:
    """The user, or None when the HMC knows none of this name."""
    found = records(output, "lshmcusr")
    if not found:
        return None
    record = only(found, "HMC user")
    return HmcUser(
        name=text(record, "name"),
        task_role=text(record, "taskrole"),
        resource_role=text(record, "resourcerole"),
        disabled=record.get("disabled", "0") == "1",
    )


HMC_USER = Fact(name="hmc_user", host=HostKind.HMC, build=_build, parse=_parse, params=("hmc_user",))
