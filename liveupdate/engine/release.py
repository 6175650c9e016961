"""Queued runs of a campaign begin only while it lets them: a halt also holds what no worker has taken up."""

from django.db.models import Q

from liveupdate.engine.room import say_why_it_waits
from liveupdate.models import CampaignTarget, Run
from liveupdate.records.releases import released, why_held
from liveupdate.states import RunState


def let_go() -> Q:
    """The condition on runs that no campaign holds one which has not begun."""
    return ~Q(state=RunState.QUEUED) | ~Q(owner="") | released("request")


def is_held(run_id: int) -> bool:
    """Whether its campaign holds a run that has not begun, by its rows and by the ledger; then it is told.

    Its campaign takes no release back before the caller's transaction ends.
    """
    own = CampaignTarget.objects.filter(request__run=run_id)
    list(own.select_for_update(of=("self",)).values_list("pk"))
    queued = Run.objects.filter(pk=run_id, state=RunState.QUEUED, owner="").select_related("request").first()
    reason = why_held(queued.request) if queued else None
    if queued and reason:
        say_why_it_waits(queued, str(reason))
    return reason is not None
