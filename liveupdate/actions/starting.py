"""Start what is due, after one more look: what was approved must still be what the facts give."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from inventory.facts.base import FactMissing, FactSet
from inventory.models import Lpar
from liveupdate.actions.errands import free, held
from liveupdate.actions.looks import look_at, lpar_with_hosts
from liveupdate.actions.planning import drift_of
from liveupdate.actions.requests import subject_of, void_plan
from liveupdate.actions.runs import start_run
from liveupdate.dispatch import ring_on_commit
from liveupdate.lpar.capacity import Capacity, capacity_for
from liveupdate.lpar.state import lpar_state
from liveupdate.models import Request
from liveupdate.offers import refusal
from liveupdate.procedures.catalogue import checks_of, procedure_named
from liveupdate.readiness.catalogue import assess
from liveupdate.records.package_places import also_read
from liveupdate.records.subjects import subject_of_request
from liveupdate.states import LparState, RequestState, Verdict
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
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
            _look_and_start(request_id, Actor.worker(worker))


def _look_and_start(request_id: int, actor: Actor) -> None:
    request = Request.objects.select_related("team", "plan").get(pk=request_id)
    request.lpar = lpar_with_hosts(request.lpar_id)
    facts, _ = look_at(request.lpar, actor, also_read(request))
    subject = subject_of_request(request, facts)
    if assess(subject, checks_of(request.procedure)).verdict is Verdict.UNKNOWN:
        _hold(request_id, f"{request.lpar} cannot be judged now: {_problem(facts)}")
    elif lpar_state(subject).state is LparState.UNKNOWN and (refused := refusal(subject)):
        _hold(request_id, refused)
    elif drift := drift_of(request, facts):
        _void(request, drift, actor)
    else:
        _start(request, facts)


def _problem(facts: FactSet) -> str:
    problems = [reading.problem for reading in facts.readings.values() if reading.problem]
    return problems[0] if problems else "a fact has no usable value."


def _start(request: Request, facts: FactSet) -> None:
    try:
        start_run(request.pk, capacity=_capacity(request, facts))
    except FactMissing as unknown:
        _hold(request.pk, f"The capacity of {request.lpar.managed_system} is not known: {unknown.reason}.")
    except PortalError as refused:
        _hold(request.pk, f"{refused.message} {refused.remedy}".strip())


def _capacity(request: Request, facts: FactSet) -> Capacity | None:
    """What the surrogate needs and what there is, as the look just saw it. Raises FactMissing."""
    if not procedure_named(request.procedure).moves_workload:
        return None
    return capacity_for(subject_of_request(request, facts))


def _hold(request_id: int, reason: str) -> None:
    """Keep an approved request waiting, with the reason on its page; it is tried again soon."""
    approved = Request.objects.filter(pk=request_id, state=RequestState.APPROVED)
    approved.update(state_reason=f"Held: {reason}", planning_until=Now() + AGAIN_AFTER)


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
