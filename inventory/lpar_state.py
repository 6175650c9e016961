"""What the ledger keeps of an LPAR, so that it can be told later what it was at a moment of the past."""

from typing import TypedDict

from inventory.models import Lpar
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record


class LparState(TypedDict):
    """What reports say of an LPAR by itself; `team` is the team's short name."""

    name: str
    team: str
    environment: str
    retired: bool


def lpar_state(lpar: Lpar) -> LparState:
    """The LPAR as its row is now."""
    return LparState(
        name=lpar.name,
        team=lpar.team.slug,
        environment=lpar.environment,
        retired=lpar.retired_at is not None,
    )


def enter_lpar_change(lpar: Lpar, before: LparState | None, actor: Actor) -> None:
    """Enter what an LPAR is from now on and what it was before (None: it was not there).

    Nothing is entered where it is the same. In the caller's transaction, with the change itself.
    """
    after = lpar_state(lpar)
    if after == before:
        return
    record(
        Event.LPAR_CHANGE,
        actor,
        {"lpar": after["name"]},
        {
            "row": lpar.pk,
            "serial": lpar.managed_system.serial,
            "uuid": lpar.uuid,
            "before": before,
            "after": after,
        },
    )
