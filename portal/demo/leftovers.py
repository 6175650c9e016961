"""What a demo left that was stopped in the middle of its story: ended through the pages, by people."""

from inventory.models import Lpar
from liveupdate.models import Request, Run
from liveupdate.states import RUN_LIVE, RequestState
from portal.demo.story import REQUESTER, Waiting, outcome_of
from portal.demo.visitor import Visitor

OPERATOR = "kim"
WHY = "An earlier demo was stopped in the middle, and the lab was put back."


def is_unfinished(lpar_name: str) -> bool:
    """Whether an earlier story with this LPAR began to change it and never came to a good end."""
    return Run.objects.filter(lpar__host__name=lpar_name).exists()


def clear_away(address: str, lpar: Lpar, waiting: Waiting) -> Run | None:
    """End what still waits or runs for `lpar`; the run, if it came to a good end after all. Raises Lost."""
    for request in Request.objects.filter(lpar=lpar, state=RequestState.APPROVED):
        owner = Visitor.signed_in(address, REQUESTER)
        page = owner.open(request.get_absolute_url())
        if "withdraw" in page.forms:
            owner.submit(page, "withdraw", {"reason": WHY})
    run = Run.objects.filter(lpar=lpar, state__in=RUN_LIVE).first()
    if run is None:
        return None
    waiting.say(f"An earlier demo was stopped in the middle of run {run.pk}, which ends first.")
    operator = Visitor.signed_in(address, OPERATOR)
    state = outcome_of(operator, run, waiting)
    if state == "needs_person":
        page = operator.open(run.get_absolute_url())
        operator.submit(page, "decide", {"decision": "close", "reason": WHY})
        waiting.say("Kim, who operates, looks at it and closes it as failed.")
    run.refresh_from_db()
    return run if state.startswith("succeeded") else None
