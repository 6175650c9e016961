"""Keep quorums true: what lost its approvals waits for a decision again."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from liveupdate.models import Request
from liveupdate.policies import approvals_hold
from liveupdate.states import RequestState
from liveupdate.transitions import move_request
from portal.access.auditing.people import unnamed
from portal.access.models import User
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.errors import Conflict

AHEAD = timedelta(hours=1)
"""Requests are looked at when their window opens within this time; their page counts anew each time."""


def recount() -> list[Request]:
    """Hand approved requests that are due back for decision where their approvals do not hold any more.

    What somebody may have written into the tables is no reason to ask again: it stays held, for an
    auditor to look at.
    """
    due = Request.objects.filter(state=RequestState.APPROVED, starts_at__lte=Now() + AHEAD, ends_at__gt=Now())
    lost = []
    for pk in due.values_list("pk", flat=True):
        with transaction.atomic():
            request = Request.objects.select_for_update().filter(pk=pk, state=RequestState.APPROVED).first()
            if request is not None and (reason := _lost(request)):
                move_request(request, RequestState.SUBMITTED, reason)
                record(
                    Event.QUORUM_LOST,
                    Actor.portal(),
                    {"request": request.number},
                    {"why": _for_ever(request, reason)},
                )
                lost.append(request)
    return lost


def _for_ever(request: Request, reason: str) -> str:
    """The reason with pseudonyms for those who decided."""
    decided = request.plan.approvals.values_list("person", "on_behalf_of") if request.plan else ()
    return unnamed(reason, User.objects.filter(pk__in={pk for pair in decided for pk in pair if pk}))


def _lost(request: Request) -> str:
    try:
        approvals_hold(request)
    except Conflict as error:
        return error.message if error.code == "quorum" else ""
    return ""
