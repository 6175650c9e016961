"""What the inventory keeps of an LPAR's rollback clone, written together with the step that proved it."""

from typing import Any

from django.db.models.functions import Now

from inventory.models import Lpar
from liveupdate.engine.journal import Journal
from liveupdate.procedures.step import Plan, Step
from portal.audit.events import Event

NONE: dict[str, Any] = {"clone_level": "", "clone_made_at": None}


def note(journal: Journal, plan: Plan, step: Step) -> None:
    """Take down what a step that succeeded tells of the clone: made, given up, or started from.

    The caller holds the run's transaction.
    """
    changes = _changes(plan, step)
    if not changes:
        return
    lpar = Lpar.objects.filter(runs=journal.run_id)
    lpar.update(**changes)
    kept = {name: value for name, value in changes.items() if isinstance(value, str)}
    journal.enter(Event.INVENTORY_CHANGE, {"rollback_clone": kept}, step=step.id)


def _changes(plan: Plan, step: Step) -> dict[str, Any]:
    match plan.procedure, step.id:
        case "rollback_clone", "clone_removed":
            return NONE
        case "rollback_clone", "clone_proven":
            return {
                "rollback_clone_disk": " ".join(plan.parameters["clone"]),
                "clone_level": plan.parameters["level_before"],
                "clone_made_at": Now(),
            }
        case "rollback", "disks_after":
            return {"rollback_clone_disk": "", **NONE}
        case "remove_clone", "gone":
            return NONE
    return {}
