"""Whether a run may go on: its approvals, its plan's digest, its window. Asked in the run's transaction."""

from django.db.models.functions import Now

from liveupdate.models import Request, Run
from liveupdate.policies import approvals_hold
from portal.lib.errors import Conflict


def withdrawn(run: Run) -> str:
    """Why the run's plan is no longer approved; empty while it is."""
    request = Request.objects.select_for_update().get(pk=run.request_id)
    if request.plan_id != run.plan_id:
        return f"The plan of {request.number} is not the one that this run was made for."
    try:
        approvals_hold(request)
    except Conflict as error:
        return error.message
    return ""


def refusal(run: Run) -> str:
    """Why the run may not start now; empty when it may."""
    reason = withdrawn(run)
    if reason:
        return reason
    if not Request.objects.filter(pk=run.request_id, starts_at__lte=Now(), ends_at__gt=Now()).exists():
        return "The change window is not open."
    return ""
