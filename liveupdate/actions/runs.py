"""Start, abort and resolve runs. Each function is one transaction with its ledger entry."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from liveupdate.dispatch import ring_on_commit
from liveupdate.lpar.capacity import Capacity
from liveupdate.models import Plan, Request, Run, RunEvent, RunStep
from liveupdate.policies import approvals_hold
from liveupdate.procedures.catalogue import procedure_named
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import Branch
from liveupdate.records.calendar_fit import TO_BEGIN, clock_of, held_by_calendar
from liveupdate.records.not_restored import not_restored
from liveupdate.records.releases import lock_campaigns, why_held
from liveupdate.records.surrogates import reserve
from liveupdate.records.under_way import works_elsewhere
from liveupdate.states import (
    RUN_LIVE,
    RUN_TERMINAL,
    RequestState,
    RunState,
    StepPart,
    StepState,
    check_request_move,
)
from liveupdate.transitions import enter_state, result_of
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.audit.said import said_of
from portal.lib.errors import Conflict, Invalid

MAY_START = {Role.OPERATOR, Role.REQUESTER}


class Decision(StrEnum):
    """What a person may say about a run that waits for one."""

    CONTINUE = "continue"
    BRANCH = "branch"
    RESTORE = "restore"
    CLOSE = "close"


def start_run(request_id: int, person: User | None = None, *, capacity: Capacity | None = None) -> Run:
    """Queue the run of an approved request; without `person` the portal starts it by its window.

    What the surrogate needs by `capacity` is reserved on the managed system until the run is over; of
    several starts at once no more succeed than find room. Without it the run takes an unknown part, but
    none where the procedure moves no workload.
    Raises NotAllowed, or Conflict when the request is not approved, an approval no longer holds, by the
    database's clock its window, the calendar's or a freeze does not let it start or finish, the ledger knows
    of its start already, another run on the LPAR is not over, its campaign holds it, or the managed system
    has no room.
    """
    with transaction.atomic():
        lock_campaigns()
        request = Request.objects.select_for_update().get(pk=request_id)
        if person:
            require(person, MAY_START, request.team, f"start {request.number}")
        check_request_move(RequestState(request.state), RequestState.STARTED)
        approvals = approvals_hold(request)
        _check_never_started(request)
        _check_calendar(request)
        _check_lpar_is_free(request)
        _check_campaign(request)
        plan = request.plan
        assert plan is not None
        run = Run(request=request, plan=plan, lpar_id=request.lpar_id, started_by=person)
        if not procedure_named(request.procedure).moves_workload:
            run.surrogate_memory_mb, run.surrogate_cores = 0, Decimal()
        elif capacity:
            reserve(run, capacity)
        run.save(force_insert=True)
        RunStep.objects.bulk_create(_steps_of(run, plan))
        request.state, request.state_reason = RequestState.STARTED, ""
        request.held_by, request.held_since = [], None
        request.save(update_fields=["state", "state_reason", "held_by", "held_since", "updated_at"])
        RunEvent.objects.create(run=run, kind=RunEvent.Kind.STATE, data={"state": RunState.QUEUED.value})
        data = {"approvals": [approval.pk for approval in approvals], "uid": run.uid}
        _enter(Event.RUN_QUEUE, run, person, data)
        ring_on_commit("run", run.pk)
    return run


def ask_abort(run_id: int, person: User) -> Run:
    """Ask the worker to stop a run; one that no worker has begun is aborted at once.

    Raises NotAllowed, or Conflict when there is nothing to stop any more or it must not be stopped.
    """
    with transaction.atomic():
        run = _locked(run_id)
        require(person, MAY_START, run.request.team, f"abort {run}")
        _check_can_stop(run)
        _enter(Event.RUN_ABORT_REQ, run, person, {"state": run.state})
        Run.objects.filter(pk=run.pk).update(abort_asked_by=person, abort_asked_at=Now())
        text = f"{person} asked to abort."
        RunEvent.objects.create(run=run, kind=RunEvent.Kind.NOTE, data={"text": text})
        if run.state == RunState.QUEUED and not run.owner:
            _skip_pending(run)
            enter_state(run, RunState.ABORTED, outcome=f"{person.public_id} aborted the run before it began.")
            _enter(Event.RUN_END, run, person, result_of(run))
    return run


def decide(run_id: int, person: User, decision: Decision, reason: str, branch: str = "") -> Run:
    """Say how to go on with a run that needs a person.

    `CONTINUE` attaches again and goes on, `BRANCH` lets the steps of the plan's `branch` take the place
    of the step that failed, `RESTORE` gives up and takes back what was changed, `CLOSE` ends the run as
    failed, leaves everything as it is and says what that is. Raises NotAllowed, Invalid without a reason
    or for a branch that is not offered, Conflict when the run does not wait for a person or cannot go on
    like this.
    """
    if not reason.strip():
        raise Invalid(
            "A decision needs a reason.", remedy="Say what you found on the host.", code="reason_missing"
        )
    with transaction.atomic():
        run = _locked(run_id)
        require(person, {Role.OPERATOR}, run.request.team, f"decide on {run}")
        if run.state != RunState.NEEDS_PERSON:
            raise Conflict(
                f"The run is {run.state} and does not wait for a decision.", code="waits_for_nobody"
            )
        taken = _offered(run, branch) if decision is Decision.BRANCH else None
        _enter_decision(run, person, decision, reason, taken)
        match decision:
            case Decision.CONTINUE:
                _attach_again(run)
            case Decision.BRANCH:
                assert taken is not None
                _choose(run, taken)
            case Decision.RESTORE:
                _give_up(run, reason)
            case Decision.CLOSE:
                said = f"{person.public_id} closed the run as failed: {reason.rstrip(' .')}."
                left = "; ".join(step.title for step in not_restored(run))
                outcome = f"{said} Not restored: {left}." if left else said
                _skip_pending(run)
                enter_state(run, RunState.FAILED, outcome=outcome)
                _enter(Event.RUN_END, run, person, result_of(run))
        ring_on_commit("run", run.pk)
    return run


def branches_offered(run: Run) -> list[Branch]:
    """The ways out that the plan prepared for the step at which the run waits for a person.

    One is offered also when nobody knows how the step ended: to choose it is to count it as failed.
    """
    if run.state != RunState.NEEDS_PERSON or run.ending:
        return []
    stopped = run.steps.filter(state__in=(StepState.FAILED, StepState.UNKNOWN), chosen="")
    keys = set(stopped.values_list("key", flat=True))
    return [branch for branch in read_plan(run.plan.document).branches if branch.after in keys]


def waits_for_choice(run: Run) -> bool:
    """Whether the run can go on by a branch only: its step has failed, nothing is left to attach to."""
    return bool(branches_offered(run)) and not run.steps.filter(state=StepState.UNKNOWN).exists()


def _offered(run: Run, name: str) -> Branch:
    branches = branches_offered(run)
    for branch in branches:
        if branch.name == name:
            return branch
    names = ", ".join(branch.name for branch in branches) or "none"
    raise Invalid(
        f"The plan offers no branch {name!r} here.", remedy=f"Offered now: {names}.", code="no_branch"
    )


def _enter_decision(run: Run, person: User, decision: Decision, reason: str, branch: Branch | None) -> None:
    data, step, what = {"decision": decision.value, "reason": reason}, "", decision.value
    if branch:
        data["branch"], step, what = branch.name, branch.after, f"take the branch “{branch.title}”"
    _enter(Event.RUN_DECISION, run, person, data, step=step)
    text = f"{person} decided to {what}: {reason}"
    RunEvent.objects.create(run=run, kind=RunEvent.Kind.NOTE, data={"text": text})


def _attach_again(run: Run) -> None:
    if waits_for_choice(run):
        raise Conflict(
            "The step has failed: there is nothing to attach to.",
            remedy="Choose one of the branches of the plan, restore, or close the run.",
            code="nothing_to_attach",
        )
    run.steps.filter(state=StepState.UNKNOWN).update(deadline_at=None, attempts=0)
    enter_state(run, RunState.RESTORING if run.ending else RunState.RUNNING)


def _choose(run: Run, branch: Branch) -> None:
    """Let a branch take the place of its step; what nobody knows the end of counts as failed from here on."""
    _count_unknown_as_failed(run)
    run.steps.filter(key=branch.after).update(chosen=branch.name)
    enter_state(run, RunState.RUNNING)


def _count_unknown_as_failed(run: Run) -> None:
    run.steps.filter(state=StepState.UNKNOWN).update(state=StepState.FAILED, ended_at=Now())


def _give_up(run: Run, reason: str) -> None:
    """Turn to restoration; what nobody knows the end of counts as failed from here on."""
    _count_unknown_as_failed(run)
    forward = run.steps.filter(part__in=(StepPart.STEPS, StepPart.BRANCH))
    forward.filter(state=StepState.PENDING).update(state=StepState.SKIPPED)
    if not run.ending:
        Run.objects.filter(pk=run.pk).update(ending=RunState.FAILED)
        run.ending = RunState.FAILED
    enter_state(run, RunState.RESTORING, outcome=f"Given up by a person: {reason}")


def _skip_pending(run: Run) -> None:
    run.steps.filter(state=StepState.PENDING).update(state=StepState.SKIPPED)


def _locked(run_id: int) -> Run:
    runs = Run.objects.select_for_update(of=("self",)).select_related("request__team", "plan", "lpar__host")
    return runs.get(pk=run_id)


def _check_calendar(request: Request) -> None:
    if reason := held_by_calendar(request, clock_of(request), TO_BEGIN):
        raise Conflict(reason.message, remedy=reason.remedy, code=reason.code)


def _check_never_started(request: Request) -> None:
    """A request starts once: also where only the ledger knows of its run, after a restore."""
    if next(said_of(request.number, (Event.RUN_QUEUE,)), None) is not None:
        raise Conflict(
            f"The ledger knows of a run of {request.number} that the database does not: it was restored.",
            remedy="See on the LPAR what that run did, then withdraw this request and ask anew.",
            code="started_before",
        )


def _check_lpar_is_free(request: Request) -> None:
    live = Run.objects.filter(lpar_id=request.lpar_id, state__in=RUN_LIVE).first()
    if live is not None:
        raise Conflict(
            f"{request.lpar} has a run that is not over: run {live.pk}, {live.state}.",
            remedy="Wait for its end, or resolve it.",
            code="lpar_busy",
            link=live.get_absolute_url(),
        )


def _check_campaign(request: Request) -> None:
    """Raise Conflict while the campaign of a request holds it."""
    if reason := why_held(request):
        raise Conflict(reason.message, code=reason.code, remedy=reason.remedy)


def _check_can_stop(run: Run) -> None:
    if run.state in RUN_TERMINAL:
        raise Conflict(f"The run is over: {run.state}.", code="run_over")
    if run.state == RunState.NEEDS_PERSON:
        raise Conflict(
            "The run waits for a decision; decide to restore or to close it instead.", code="needs_decision"
        )
    if run.ending:
        raise Conflict(
            "The run takes back what it changed already; that is not interrupted.", code="run_restores"
        )
    if run.point_of_no_return_at is not None:
        raise Conflict(
            f"The run passed the point of no return at {run.point_of_no_return_at:%H:%M:%S} UTC: "
            "stopping Live Update now could leave the LPAR without its workload.",
            remedy="It runs to its end; what it changed is restored afterwards.",
            code="past_no_return",
        )
    if works_elsewhere(run):
        raise Conflict(
            f"NIM has begun the update on {run.lpar}, where it goes on whatever is stopped on the master.",
            remedy="Wait for its end.",
            code="update_works_elsewhere",
        )
    if run.abort_asked_at is not None:
        raise Conflict(
            "Somebody asked to abort this run already; it stops as soon as it can.", code="abort_asked"
        )


def _steps_of(run: Run, plan: Plan) -> list[RunStep]:
    placed = read_plan(plan.document).placed()
    return [
        RunStep(
            run=run,
            position=position,
            key=step.id,
            title=step.title,
            phase=step.phase.value,
            part=part,
            branch=branch,
        )
        for position, (step, part, branch) in enumerate(placed, start=1)
    ]


def _enter(event: Event, run: Run, person: User | None, data: Mapping[str, Any], *, step: str = "") -> None:
    actor = Actor.person(person.public_id) if person else Actor.portal()
    subject = {"request": run.request.number, "plan": run.plan.digest, "lpar": run.lpar.name}
    if step:
        subject["step"] = step
    record(event, actor, subject, data, run=run.pk)
