"""Start what is due, after one more look: what was approved must still be what the facts give."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from inventory.actions.facts import stored_facts
from inventory.facts.base import FactSet
from liveupdate.actions.drifting import follow_rule
from liveupdate.actions.errands import free, held
from liveupdate.actions.gates import DRIFT, DRIFT_TO_DECIDE, after_look, before_look
from liveupdate.actions.looks import look_at, lpar_with_hosts
from liveupdate.actions.notices import tell
from liveupdate.actions.runs import start_run
from liveupdate.control.drift import Drift, Outcome, Rule
from liveupdate.control.notices import Occasion
from liveupdate.control.reasons import Reason
from liveupdate.lpar.capacity import Capacity, capacity_for
from liveupdate.models import Request
from liveupdate.procedures.catalogue import procedure_named
from liveupdate.records.drifts import basis_now, drifts_of
from liveupdate.records.package_places import also_read
from liveupdate.records.recipients import requester_and_operators
from liveupdate.records.subjects import subject_of_request
from liveupdate.states import RequestState
from portal.audit.actor import Actor
from portal.audit.spool.place import spool_problems
from portal.lib.clock import now
from portal.lib.errors import Conflict, PortalError

AGAIN_AFTER = timedelta(seconds=30)
RULES = {DRIFT: Rule.VOID, DRIFT_TO_DECIDE: Rule.REAPPROVE}
"""What the gates' drifts ask for, by the reason's code."""


def waiting_starts() -> list[int]:
    """Approved requests whose change window is open and whose start nobody prepares."""
    approved = Request.objects.filter(free("planning_until"), state=RequestState.APPROVED)
    due = approved.filter(starts_at__lte=Now(), ends_at__gt=Now())
    return list(due.order_by("starts_at", "pk").values_list("pk", flat=True))


def do_start(request_id: int, worker: str) -> None:
    """Start a request that is due, or say why it is held; of several workers one does it.

    When the LPAR's facts give another plan by now, or drift rules say so, the approvals are void and the
    request is planned again; the approved commands never meet an LPAR that they were not made for.
    """
    approved = Request.objects.filter(pk=request_id, state=RequestState.APPROVED)
    with held(approved, "planning_until") as is_mine:
        if is_mine:
            _ask_and_start(request_id, Actor.worker(worker))


def _ask_and_start(request_id: int, actor: Actor) -> None:
    request = Request.objects.select_related("team", "plan").get(pk=request_id)
    request.lpar = lpar_with_hosts(request.lpar_id)
    here = [Reason.of(problem) for problem in spool_problems()]
    if reasons := here or before_look(request, stored_facts(request.lpar), now()):
        _hold(request_id, reasons)
        return
    facts, _ = look_at(request.lpar, actor, also_read(request))
    start_by(facts, request, actor)


def start_by(facts: FactSet, request: Request, actor: Actor) -> None:
    """Start an approved request whose LPAR was just seen like this, hold it, or do what drift asks for."""
    reason = after_look(request, facts, now())
    if reason is not None and reason.code not in RULES:
        _hold(request.pk, [reason])
        return
    found, basis = _drifts(request, facts), basis_now(request, facts)
    if reason is not None:
        follow_rule(request, Outcome(RULES[reason.code], reason.message, found, basis), actor)
        return
    if found:
        follow_rule(request, Outcome(Rule.WARN, "The rules let it start.", found, basis), actor)
    _start(request, facts)


def _drifts(request: Request, facts: FactSet) -> list[Drift]:
    """What is another than when the plan was approved; empty where nobody can tell what that was."""
    try:
        return drifts_of(request, facts)
    except Conflict:
        return []


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
    """Keep an approved request waiting, with the reasons on its page; it is tried again soon.

    Requester and operators are told once of each combination of reasons.
    """
    said = [reason.as_dict() for reason in reasons]
    with transaction.atomic():
        approved = Request.objects.filter(pk=request_id, state=RequestState.APPROVED)
        if not approved.update(held_by=said, planning_until=Now() + AGAIN_AFTER):
            return
        approved.filter(held_since=None).update(held_since=Now())
        request = approved.select_related("lpar__host", "team", "requester").get()
        tell(
            Occasion.HELD,
            requester_and_operators(request),
            request,
            matter="+".join(sorted({reason.code for reason in reasons})),
            reasons=[str(reason) for reason in reasons],
            only_while=RequestState.APPROVED,
        )
