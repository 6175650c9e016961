"""Users of an HMC, as `lshmcusr` lists them."""

from dataclasses import dataclass

from inventory.facts.base import Output
from inventory.facts.hmc_records import count_if_any, records, text


@dataclass(frozen=True, slots=True)
class HmcUser:
    """An HMC user with its roles; `disabled` is false where the HMC leaves it out.

    `resources` spells the resource role out (`<ResourceID = ALL:>…`), empty where the HMC does not.
    `password_days` is for how many days a password is good (99999: for ever), None where the HMC does
    not keep it; `authentication` is `local`, `ldap`, `kerberos` or `kerberos_auto`, empty likewise.
    """

    name: str
    task_role: str
    resource_role: str
    disabled: bool
    resources: str
    password_days: int | None
    authentication: str


def parse_users(output: Output) -> tuple[HmcUser, ...]:
    """The users. Raises Unparsable for a user without name or roles."""
    return tuple(
        HmcUser(
            name=text(record, "name"),
            task_role=text(record, "taskrole"),
            resource_role=text(record, "resourcerole"),
            disabled=record.get("disabled", "0") == "1",
            resources=record.get("resources", ""),
            password_days=count_if_any(record, "pwage"),
            authentication=record.get("authentication_type", ""),
        )
        for record in records(output, "lshmcusr")
    )
