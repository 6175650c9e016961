"""What a drift does to an approved request: its plan is void, wants one more decision, or starts."""

from typing import Any

from django.db import transaction

from inventory.models import Lpar
from liveupdate.actions.advancing import note_drift
from liveupdate.actions.notices import tell
from liveupdate.actions.requests import subject_of, void_plan
from liveupdate.control.drift import Outcome, Rule
from liveupdate.control.notices import Occasion
from liveupdate.dispatch import ring_on_commit
from liveupdate.models import FoundDrift, Request
from liveupdate.policies import possible_deciders
from liveupdate.records.drifts import basis_digest, site_rules
from liveupdate.records.releases import lock_campaigns
from liveupdate.states import RequestState, check_request_move
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record


def follow_rule(seen: Request, outcome: Outcome, actor: Actor) -> None:
    """Do to an approved request what the rule says, and enter it; nothing if somebody changed it meanwhile.

    Void: the request is planned again. Reapprove: plan, approvals and disks stay, and one more decision is
    asked for; the version rises, so that nobody decides on the older reading. Warn: it stays approved.
    But for that, its campaign halts.
    """
    with transaction.atomic():
        lock_campaigns()
        request = (
            Request.objects.select_for_update(of=("self",)).select_related("team", "plan").get(pk=seen.pk)
        )
        request.lpar = Lpar.objects.select_related("host").get(pk=seen.lpar_id)
        if request.state != RequestState.APPROVED or request.version != seen.version:
            return
        _enter(request, outcome, actor)
        if outcome.rule is Rule.VOID:
            void_plan(request, actor, outcome.why)
            ring_on_commit("plan", request.pk)
            tell(Occasion.VOIDED, [request.requester], request, reasons=[outcome.why])
        elif outcome.rule is Rule.REAPPROVE:
            check_request_move(RequestState(request.state), RequestState.SUBMITTED)
            request.state, request.state_reason = RequestState.SUBMITTED, outcome.why
            request.held_by, request.held_since = [], None
        if outcome.rule is not Rule.WARN:
            note_drift(request, outcome.why, actor)
            request.version += 1
            request.save()
        if outcome.rule is Rule.REAPPROVE:
            deciders = possible_deciders(request)
            tell(Occasion.TO_DECIDE, deciders, request, reasons=[outcome.why], only_while=request.state)


def _enter(request: Request, outcome: Outcome, actor: Actor) -> None:
    found = [drift.as_dict() for drift in outcome.found]
    assert request.plan is not None
    row = FoundDrift.objects.create(
        request=request,
        plan=request.plan,
        outcome=outcome.rule,
        why=outcome.why,
        found=found,
        basis=dict(outcome.basis),
    )
    data: dict[str, Any] = {
        "drift": row.pk,
        "plan": request.plan.pk,
        "outcome": outcome.rule.value,
        "why": outcome.why,
        "found": found,
        "rules": site_rules().version,
        "basis_digest": basis_digest(outcome.basis),
    }
    record(Event.DRIFT_FOUND, actor, subject_of(request), data)
