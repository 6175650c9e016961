"""Whether a run may go on: its approvals, its plan's digest, the calendar. Asked in the run's transaction."""

from datetime import timedelta

from django.db.models.functions import Now

from liveupdate.models import Plan, Request, Run
from liveupdate.policies import approvals_hold
from liveupdate.procedures.step import Branch
from liveupdate.records.calendar_fit import clock_of, held_by_calendar
from liveupdate.records.ladders import entered_standing_of, why_not_carried
from portal.audit.events import Event
from portal.audit.said import said_of
from portal.lib.canonical import digest
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


def unconfirmed(run: Run) -> tuple[str, bool]:
    """What an emergency lacks before anything that cannot be taken back, and whether its time is over.

    Empty where nothing is missing, as in every request that is no emergency.
    """
    request = Request.objects.select_for_update().get(pk=run.request_id)
    standing = entered_standing_of(request)
    reason = why_not_carried(standing)
    if reason is None:
        return "", False
    within = timedelta(seconds=standing.terms.policy["confirm_s"])
    over = Run.objects.filter(pk=run.pk, started_at__lte=Now() - within).exists()
    return f"{request.number} is an emergency that nobody confirmed. {reason}", over


def refusal(run: Run) -> str:
    """Why the run may not start now; empty when it may."""
    reason = withdrawn(run)
    if reason:
        return reason
    request = Request.objects.select_related("lpar__host", "lpar__team").get(pk=run.request_id)
    held = held_by_calendar(request, clock_of(request))
    return str(held) if held else ""


def groundless(run: Run, plan: Plan) -> str:
    """Why a run that is said to be under way must not be taken up; empty when the ledger bears it out.

    The plan's text as it was read must be the one that a worker started this run with, after it had
    checked the approvals: rows that somebody wrote into the tables make no host do anything.
    """
    if digest(plan.document.encode()) != plan.digest:
        return "The plan's text is not the one that was approved."
    number = Request(pk=run.request_id).number
    for entry in said_of(number, [Event.RUN_START]):
        subject = entry["sub"]
        if (subject.get("run"), subject.get("plan")) == (run.pk, plan.digest):
            return ""
    return "The ledger does not know that this run was started with this plan."


def chosen(run_id: int, branch: Branch) -> bool:
    """Whether the ledger holds a person's decision to take this branch in this run.

    A row that somebody wrote into the table chooses nothing.
    """
    run = Run.objects.only("request_id").get(pk=run_id)
    wanted = (run_id, branch.after, branch.name)
    for entry in said_of(Request(pk=run.request_id).number, [Event.RUN_DECISION]):
        data, subject = entry["d"], entry["sub"]
        if (subject.get("run"), subject.get("step"), data.get("branch")) == wanted:
            return True
    return False
