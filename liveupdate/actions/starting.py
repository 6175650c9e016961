"""Start what is due, after one more look: what was approved must still be what the facts give."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from inventory.actions.facts import stored_facts
from inventory.facts.base import FactSet
from inventory.models import Lpar
from liveupdate.actions.errands import free, held
from liveupdate.actions.gates import DRIFT, after_look, before_look
from liveupdate.actions.looks import look_at, lpar_with_hosts
from liveupdate.actions.requests import subject_of, void_plan
from liveupdate.actions.runs import start_run
from liveupdate.control.reasons import Reason
from liveupdate.dispatch import ring_on_commit
from liveupdate.lpar.capacity import Capacity, capacity_for
from liveupdate.models import Request
from liveupdate.procedures.catalogue import procedure_named
from liveupdate.records.package_places import also_read
from liveupdate.records.subjects import subject_of_request
from liveupdate.states import RequestState
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import PortalError

AGAIN_AFTER = timedelta(seconds=30)


def waiting_starts() -> list[int]:
    """Approved requests whose change window is open and whose start nobody prepares."""
    approved = Request.objects.filter(free("planning_until"), state=RequestState.APPROVED)
    due = approved.filter(starts_at__lte=Now(), ends_at__gt=Now())
    return list(due.order_by("starts_at", "pk").values_list("pk", flat=True))


def do_start(request_id: int, worker: str) -> None:
    """Start a request that is due, or say why it is held; of several workers one does it.

    When the LPAR's facts give another plan by now, the approvals are void and the request is planned
    again; the approved commands never meet an LPAR that they were not made for.
    """
    approved = Request.objects.filter(pk=request_id, state=RequestState.APPROVED)
    with held(approved, "planning_until") as is_mine:
        if is_mine:
            _ask_and_start(request_id, Actor.worker(worker))


def _ask_and_start(request_id: int, actor: Actor) -> None:
    request = Request.objects.select_related("team", "plan").get(pk=request_id)
    request.lpar = lpar_with_hosts(request.lpar_id)
    if reasons := before_look(request, stored_facts(request.lpar), now()):
        return _hold(request_id, reasons)
    facts, _ = look_at(request.lpar, actor, also_read(request))
    reason = after_look(request, facts, now())
    if reason is None:
        return _start(request, facts)
    if reason.code == DRIFT:
        return _void(request, reason.message, actor)
    return _hold(request_id, [reason])


def _start(request: Request, facts: FactSet) -> None:
    try:
        start_run(request.pk, capacity=_capacity(request, facts))
    except PortalError as refused:
        _hold(request.pk, [Reason.of(refused)])


def _capacity(request: Request, facts: FactSet) -> Capacity | None:
    """What the surrogate needs and what there is, as the look just saw it."""
    if not procedure_named(request.procedure).moves_workload:
        return None
    return capacity_for(subject_of_request(request, facts))


def _hold(request_id: int, reasons: Sequence[Reason]) -> None:
    """Keep an approved request waiting, with the reasons on its page; it is tried again soon."""
    approved = Request.objects.filter(pk=request_id, state=RequestState.APPROVED)
    approved.update(held_by=[reason.as_dict() for reason in reasons], planning_until=Now() + AGAIN_AFTER)
    approved.filter(held_since=None).update(held_since=Now())


def _void(seen: Request, drift: str, actor: Actor) -> None:
    with transaction.atomic():
        request = (
            Request.objects.select_for_update(of=("self",)).select_related("team", "plan").get(pk=seen.pk)
        )
        request.lpar = Lpar.objects.select_related("host").get(pk=seen.lpar_id)
        if request.state != RequestState.APPROVED or request.version != seen.version:
            return
        record(Event.DRIFT_FOUND, actor, subject_of(request), {"why": drift})
        void_plan(request, actor, drift)
        request.version += 1
        request.save()
        ring_on_commit("plan", request.pk)
