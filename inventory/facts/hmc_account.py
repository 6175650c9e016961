"""Users of an HMC, as `lshmcusr` lists them."""

from dataclasses import dataclass

from inventory.facts.base import Output
from inventory.facts.hmc_records import records, text


@dataclass(frozen=True, slots=True)
class HmcUser:
    """An HMC user with its roles; `disabled` is false where the HMC leaves it out."""

    name: str
    task_role: str
    resource_role: str
    disabled: bool


def parse_users(output: Output) -> tuple[HmcUser, ...]:
    """The users. Raises Unparsable for a user without name or roles."""
    return tuple(
        HmcUser(
            name=text(record, "name"),
            task_role=text(record, "taskrole"),
            resource_role=text(record, "resourcerole"),
            disabled=record.get("disabled", "0") == "1",
        )
        for record in records(output, "lshmcusr")
    )
