"""What the clock ends: requests that still wait when their change window is over."""

from django.db import transaction
from django.db.models.functions import Now

from liveupdate.actions.notices import tell
from liveupdate.control.notices import Occasion
from liveupdate.models import Request
from liveupdate.records.reservations import release_disks, release_lapsed
from liveupdate.states import RequestState, check_request_move
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record

WAITING = (RequestState.SUBMITTED, RequestState.APPROVED)


def expire_over() -> list[Request]:
    """Expire the requests that wait although their window is over; plans not handed in hold no disk then."""
    release_lapsed()
    expired = []
    for pk in Request.objects.filter(state__in=WAITING, ends_at__lte=Now()).values_list("pk", flat=True):
        with transaction.atomic():
            request = Request.objects.select_for_update().filter(pk=pk, state__in=WAITING).first()
            if request is None:
                continue
            check_request_move(RequestState(request.state), RequestState.EXPIRED)
            data = {"state": request.state, "ended_at": f"{request.ends_at:%Y-%m-%dT%H:%M:%SZ}"}
            request.state = RequestState.EXPIRED
            request.state_reason = "Its change window ended before it was started."
            request.save(update_fields=["state", "state_reason", "updated_at"])
            release_disks(request)
            record(Event.APPROVAL_EXPIRE, Actor.portal(), {"request": request.number}, data)
            tell(Occasion.EXPIRED, [request.requester], request, reasons=[request.state_reason])
            expired.append(request)
    return expired
