"""A change outside the process, for tests of pages."""

from inventory.actions.facts import stored_facts
from liveupdate.actions.outside_changes import explain, keep_snapshot
from liveupdate.models import OutsideChange
from portal.access.models import User
from portal.audit.actor import Actor
from tests.estate import reading
from tests.fleet import Fleet


def look(fleet: Fleet, lpar: str, **changes: str) -> None:
    """A look at an LPAR finds what its stored facts say; by keyword other outputs of facts."""
    facts = stored_facts(fleet.lpars[lpar])
    for name, said in changes.items():
        facts.add(reading(name, said))
    keep_snapshot(fleet.lpars[lpar], facts, Actor.worker("w1"))


def changed_outside(fleet: Fleet, lpar: str, *, explained_by: User | None = None) -> OutsideChange:
    """Two looks, and another level at the second; perhaps explained by somebody."""
    look(fleet, lpar)
    look(fleet, lpar, oslevel="7300-01-01-2246\n")
    change = OutsideChange.objects.get(snapshot__lpar=fleet.lpars[lpar])
    return explain(explained_by, change.pk, "Patched by hand.", "INC-9") if explained_by else change
