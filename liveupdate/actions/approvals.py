"""Decide on a plan: exactly the one that was shown, never one's own, under a row lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from liveupdate.actions.notices import tell
from liveupdate.actions.requests import subject_of, void_plan
from liveupdate.control.likeness import likeness_of
from liveupdate.control.notices import Occasion
from liveupdate.control.ruling import COMPLETE, DECIDED, Answer
from liveupdate.dispatch import ring_on_commit
from liveupdate.models import Approval, Request
from liveupdate.policies import factor_wanted, possible_deciders, visible_requests
from liveupdate.records.grants import DECISION_EVENTS, window_of
from liveupdate.records.ladders import Standing, entered_standing_of
from liveupdate.records.reservations import release_disks
from liveupdate.states import DECIDABLE, RequestState
from liveupdate.transitions import move_request
from portal.access.factors import Factor
from portal.access.models import User
from portal.access.step_up import StepUpNeeded
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed, PortalError


@dataclass(frozen=True, slots=True)
class Say:
    """How somebody decides: on the plan and the reading of the request that they were shown.

    `factor` is what they proved lately that it is them with.
    """

    plan_digest: str
    version: int | None = None
    factor: Factor = Factor.NONE


TELLS = {
    Approval.Decision.REJECT: Occasion.REJECTED,
    Approval.Decision.CHANGE: Occasion.CHANGE_ASKED,
    Approval.Decision.WITHDRAW: Occasion.TAKEN_BACK,
}
"""What the requester is told of each decision at once; of approvals, when they are enough."""


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
    proved lately that it is them with. With the last decision that it needs the request is approved.
    Raises NotAllowed, StepUpNeeded, Conflict.
    """
    say = Say(plan_digest, version, factor)
    with refusals_entered(person, request_id, plan_digest), transaction.atomic():
        request = _locked(person, request_id)
        if like and (request.plan is None or likeness_of(request.plan.document) != like):
            raise Conflict(
                f"The plan of {request.number} is not like the one that you read.",
                remedy="Read it by itself, then decide.",
                code="not_alike",
            )
        if request.ends_at <= now():
            raise Conflict(f"The change window of {request.number} is over.", code="window_over")
        standing, answer = _check(request, person, say)
        _check_factor(standing, factor)
        approval = _write(request, person, say, answer, decision=Approval.Decision.APPROVE, reason=comment)
        _settle(request, comment)
    return approval


def reject(
    person: User,
    request_id: int,
    plan_digest: str,
    reason: str,
    *,
    version: int | None = None,
    factor: Factor = Factor.NONE,
) -> Approval:
    """Reject the plan with this digest; the reason goes to the requester. Raises Invalid without one.

    An emergency that runs already is stopped by its worker before anything that cannot be taken back.
    """
    if not reason.strip():
        raise Invalid(
            "A rejection needs a reason.", remedy="Tell the requester what to change.", code="reason_missing"
        )
    say = Say(plan_digest, version, factor)
    with refusals_entered(person, request_id, plan_digest), transaction.atomic():
        request = _locked(person, request_id)
        _, answer = _check(request, person, say)
        approval = _write(request, person, say, answer, decision=Approval.Decision.REJECT, reason=reason)
        if request.state != RequestState.STARTED:
            move_request(request, RequestState.SUBMITTED, reason)
            move_request(request, RequestState.REJECTED, reason)
            release_disks(request)
    return approval


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
        raise Invalid(
            "Asking for a change needs a reason.",
            remedy="Tell the requester what to change.",
            code="reason_missing",
        )
    say = Say(plan_digest, version, factor)
    with refusals_entered(person, request_id, plan_digest), transaction.atomic():
        request = _locked(person, request_id)
        if request.state != RequestState.SUBMITTED:
            raise Conflict(
                f"{request.number} is {request.state}; it is too late to ask for a change.", code="too_late"
            )
        _, answer = _check(request, person, say)
        decision = _write(request, person, say, answer, decision=Approval.Decision.CHANGE, reason=reason)
        void_plan(request, Actor.person(person.public_id), "a change was asked for", RequestState.DRAFT)
        request.state_reason = reason
        request.save()
    return decision


def withdraw_approval(person: User, request_id: int, reason: str) -> Approval:
    """Take one's own approval back before the run starts. Raises Conflict when there is none."""
    with transaction.atomic():
        request = _locked(person, request_id)
        if request.state not in (RequestState.SUBMITTED, RequestState.APPROVED):
            raise Conflict(
                f"{request.number} is {request.state}; no approval of it can be taken back.",
                code="nothing_to_take_back",
            )
        plan = request.plan
        newest = plan.approvals.filter(person=person).last() if plan else None
        if plan is None or newest is None or newest.decision != Approval.Decision.APPROVE:
            raise Conflict(f"You have not approved {request.number}.", code="nothing_to_take_back")
        giver = newest.on_behalf_of.public_id if newest.on_behalf_of else ""
        answer, back = Answer(newest.stage, giver, None), Approval.Decision.WITHDRAW
        approval = _write(request, person, Say(plan.digest), answer, decision=back, reason=reason)
        _settle(request, reason)
    return approval


def _settle(request: Request, reason: str) -> None:
    """Approve the request, or wait for further decisions, as the decisions now carry its plan or not."""
    if request.state == RequestState.STARTED:
        return
    standing = entered_standing_of(request)
    if standing.ladder.startable:
        move_request(request, RequestState.APPROVED, reason)
        tell(Occasion.APPROVED, [request.requester], request, matter=str(len(standing.approvals)))
        ring_on_commit("start", request.pk)
    else:
        move_request(request, RequestState.SUBMITTED, reason)
        stage, deciders = f"stage {standing.ladder.open_stage}", possible_deciders(request, standing)
        tell(Occasion.TO_DECIDE, deciders, request, matter=stage, only_while=RequestState.SUBMITTED)


@contextmanager
def refusals_entered(person: User, request_id: int, plan_digest: str) -> Iterator[None]:
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


def _check_factor(standing: Standing, factor: Factor) -> None:
    """Raise StepUpNeeded where the settings or the policy ask for a stronger proof."""
    wanted = factor_wanted(standing.case["rule"])
    if not factor.satisfies(wanted):
        raise StepUpNeeded(wanted)


def _check(request: Request, person: User, say: Say) -> tuple[Standing, Answer]:
    """The request with its decisions and what this person would decide on; raises what is against it."""
    if request.state not in DECIDABLE:
        raise Conflict(
            f"{request.number} is {request.state}; there is nothing to decide.", code="nothing_to_decide"
        )
    standing = entered_standing_of(request)
    answer = standing.may(person)
    if answer.refusal in (COMPLETE, DECIDED):
        raise Conflict(
            f"{request.number} is {request.state}. {answer.refusal.said}", code=answer.refusal.code
        )
    if answer.refusal:
        raise NotAllowed(answer.refusal.said, code=answer.refusal.code)
    if request.plan is None or request.plan.digest != say.plan_digest:
        raise Conflict(
            f"The plan of {request.number} is not the one you were shown.",
            remedy="Read the plan as it is now, then decide.",
            code="other_plan",
        )
    if say.version not in (None, request.version):
        raise Conflict(
            f"{request.number} was edited since you were shown it: its window or its reasons are others.",
            remedy="Read it as it is now, then decide.",
            code="changed_meanwhile",
        )
    return standing, answer


def _write(
    request: Request,
    person: User,
    say: Say,
    answer: Answer,
    *,
    decision: Approval.Decision,
    reason: str,
) -> Approval:
    assert request.plan is not None
    approval = Approval.objects.create(
        plan=request.plan,
        person=person,
        on_behalf_of=User.objects.get(public_id=answer.giver) if answer.giver else None,
        decision=decision,
        stage=answer.stage,
        digest=say.plan_digest,
        factor=say.factor.value,
        reason=reason,
    )
    enter_decision(request, approval)
    if decision in TELLS:
        told = [f"{person}: {reason}" if reason else str(person)]
        tell(TELLS[decision], [request.requester], request, matter=str(approval.pk), reasons=told)
    return approval


def enter_decision(request: Request, approval: Approval) -> None:
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
            "stage": approval.stage,
            "for": approval.on_behalf_of.public_id if approval.on_behalf_of else "",
            "factor": approval.factor,
            "version": request.version,
            "window": window_of(request),
        },
    )
