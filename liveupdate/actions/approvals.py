"""Decide on a plan: exactly the one that was shown, never one's own, under a row lock."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction

from liveupdate.actions.notices import tell
from liveupdate.actions.requests import subject_of, void_plan
from liveupdate.control.likeness import likeness_of
from liveupdate.control.notices import Occasion
from liveupdate.dispatch import ring_on_commit
from liveupdate.models import Approval, Request
from liveupdate.policies import require_decider, visible_requests
from liveupdate.records.grants import DECISION_EVENTS, window_of
from liveupdate.records.reservations import release_disks
from liveupdate.states import RequestState, check_request_move
from portal.access.factors import Factor
from portal.access.models import User
from portal.access.step_up import StepUpNeeded
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, PortalError

TELLS = {
    Approval.Decision.APPROVE: Occasion.APPROVED,
    Approval.Decision.REJECT: Occasion.REJECTED,
    Approval.Decision.CHANGE: Occasion.CHANGE_ASKED,
    Approval.Decision.WITHDRAW: Occasion.TAKEN_BACK,
}
"""What the requester is told of each decision."""


def approve(
    person: User,
    request_id: int,
    plan_digest: str,
    comment: str = "",
    *,
    version: int | None = None,
    like: str = "",
    factor: Factor = Factor.NONE,
) -> Approval:
    """Approve the plan with this digest, of the request as this version says it.

    `like` is the likeness of the plan that was read in place of this one; `factor` is what the person
    proved lately that it is them with. Raises NotAllowed, StepUpNeeded, Conflict.
    """
    with _refusals_entered(person, request_id, plan_digest), transaction.atomic():
        request = _locked(person, request_id)
        if like and (request.plan is None or likeness_of(request.plan.document) != like):
            raise Conflict(
                f"The plan of {request.number} is not like the one that you read.",
                remedy="Read it by itself, then decide.",
            )
        if request.ends_at <= now():
            raise Conflict(f"The change window of {request.number} is over.")
        ring_on_commit("start", request.pk)
        _check_factor(person, request, factor)
        return _decide(
            request,
            person,
            plan_digest,
            version=version,
            decision=Approval.Decision.APPROVE,
            state=RequestState.APPROVED,
            reason=comment,
            factor=factor,
        )


def reject(
    person: User,
    request_id: int,
    plan_digest: str,
    reason: str,
    *,
    version: int | None = None,
    factor: Factor = Factor.NONE,
) -> Approval:
    """Reject the plan with this digest; the reason goes to the requester. Raises Invalid without one."""
    if not reason.strip():
        raise Invalid("A rejection needs a reason.", remedy="Tell the requester what to change.")
    with _refusals_entered(person, request_id, plan_digest), transaction.atomic():
        request = _locked(person, request_id)
        return _decide(
            request,
            person,
            plan_digest,
            version=version,
            decision=Approval.Decision.REJECT,
            state=RequestState.REJECTED,
            reason=reason,
            factor=factor,
        )


def ask_for_change(
    person: User,
    request_id: int,
    plan_digest: str,
    reason: str,
    *,
    version: int | None = None,
    factor: Factor = Factor.NONE,
) -> Approval:
    """Hand the request back to its requester as a draft, with what has to change.

    The plan is void, and with it every decision on it. Raises Invalid without a reason, NotAllowed, Conflict.
    """
    if not reason.strip():
        raise Invalid("Asking for a change needs a reason.", remedy="Tell the requester what to change.")
    with _refusals_entered(person, request_id, plan_digest), transaction.atomic():
        request = _locked(person, request_id)
        decision = _decide(
            request,
            person,
            plan_digest,
            version=version,
            decision=Approval.Decision.CHANGE,
            state=RequestState.DRAFT,
            reason=reason,
            factor=factor,
        )
        void_plan(request, Actor.person(person.public_id), "a change was asked for", RequestState.DRAFT)
        request.state_reason = reason
        request.save()
    return decision


def withdraw_approval(person: User, request_id: int, reason: str) -> Approval:
    """Take one's own approval back before the run starts. Raises Conflict when there is none."""
    with transaction.atomic():
        request = _locked(person, request_id)
        check_request_move(RequestState(request.state), RequestState.SUBMITTED)
        plan = request.plan
        newest = plan.approvals.filter(person=person).last() if plan else None
        if plan is None or newest is None or newest.decision != Approval.Decision.APPROVE:
            raise Conflict(f"You have not approved {request.number}.")
        return _write(
            request,
            person,
            plan.digest,
            decision=Approval.Decision.WITHDRAW,
            state=RequestState.SUBMITTED,
            reason=reason,
        )


@contextmanager
def _refusals_entered(person: User, request_id: int, plan_digest: str) -> Iterator[None]:
    """A decision that was refused stands in the ledger too: somebody tried. Not one that has but to wait
    until the person confirmed who they are."""
    try:
        yield
    except StepUpNeeded:
        raise
    except PortalError as refused:
        with transaction.atomic():
            record(
                Event.APPROVAL_REFUSED,
                Actor.person(person.public_id),
                {"request": f"R-{request_id:06d}"},
                {"plan_digest": plan_digest[:71], "code": refused.code, "why": refused.message},
            )
        raise


def _locked(person: User, request_id: int) -> Request:
    request = (
        visible_requests(person)
        .select_for_update(of=("self",))
        .select_related("team", "lpar__host", "plan")
        .filter(pk=request_id)
        .first()
    )
    if request is None:
        raise Invalid("There is no such request among those you may see.", code="not_found")
    return request


def _check_factor(person: User, request: Request, factor: Factor) -> None:
    """Raise StepUpNeeded where an approval needs a stronger proof; who may not decide hears that first."""
    require_decider(person, request)
    wanted = Factor(settings.PORTAL_STEP_UP)
    if not factor.satisfies(wanted):
        raise StepUpNeeded(wanted)


def _decide(
    request: Request,
    person: User,
    plan_digest: str,
    *,
    version: int | None,
    decision: Approval.Decision,
    state: RequestState,
    reason: str,
    factor: Factor,
) -> Approval:
    require_decider(person, request)
    if request.state != RequestState.SUBMITTED:
        raise Conflict(f"{request.number} is {request.state}; there is nothing to decide.")
    if request.plan is None or request.plan.digest != plan_digest:
        raise Conflict(
            f"The plan of {request.number} is not the one you were shown.",
            remedy="Read the plan as it is now, then decide.",
        )
    if version not in (None, request.version):
        raise Conflict(
            f"{request.number} was edited since you were shown it: its window or its reasons are others.",
            remedy="Read it as it is now, then decide.",
        )
    return _write(request, person, plan_digest, decision=decision, state=state, reason=reason, factor=factor)


def _write(
    request: Request,
    person: User,
    plan_digest: str,
    *,
    decision: Approval.Decision,
    state: RequestState,
    reason: str,
    factor: Factor = Factor.NONE,
) -> Approval:
    assert request.plan is not None
    approval = Approval.objects.create(
        plan=request.plan, person=person, decision=decision, digest=plan_digest, reason=reason
    )
    request.state = state
    request.state_reason = reason
    request.save(update_fields=["state", "state_reason", "updated_at"])
    if state is RequestState.REJECTED:
        release_disks(request)
    enter_decision(request, approval, factor)
    told = [f"{person}: {reason}" if reason else str(person)]
    tell(TELLS[decision], [request.requester], request, matter=str(approval.pk), reasons=told)
    return approval


def enter_decision(request: Request, approval: Approval, factor: Factor = Factor.NONE) -> None:
    """Enter a decision into the ledger: the plan and the change window that it is about, and the factor
    that the person had proved themselves with."""
    record(
        DECISION_EVENTS[Approval.Decision(approval.decision)],
        Actor.person(approval.person.public_id),
        subject_of(request),
        {
            "plan_digest": approval.digest,
            "reason": approval.reason,
            "approval": approval.pk,
            "version": request.version,
            "window": window_of(request),
            "factor": factor.value,
        },
    )
