"""Starting runs: only what is approved, in its window, one per LPAR; and what the scheduler does."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from liveupdate import dispatch
from liveupdate.actions.runs import Decision, ask_abort, decide, start_run
from liveupdate.engine.approval import refusal
from liveupdate.models import Approval, Plan, Request, Run
from liveupdate.procedures import step as words
from liveupdate.states import RequestState, RunState, StepState
from portal.access.models import Membership, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.merkle import leaf_hash
from portal.audit.models import Intake
from portal.audit.record import record
from portal.lib.canonical import canonical_json
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.integration.engine_world import World, make_world, sh

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def request_(world: World) -> Request:
    return world.approved(world.plan([sh("a", "true"), sh("b", "true")], [sh("c", "true", undoes="a")]))


@pytest.fixture(autouse=True)
def bells(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    rung: list[tuple[str, int]] = []
    monkeypatch.setattr(
        dispatch.current_app, "send_task", lambda name, args, **_: rung.append((name, args[0]))
    )
    return rung


def test_an_approved_request_becomes_a_run_with_its_plans_steps(
    world: World, request_: Request, bells: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = start_run(request_.pk, world.requester)
    assert [(s.position, s.key, s.part) for s in run.steps.all()] == [
        (1, "a", "steps"),
        (2, "b", "steps"),
        (3, "c", "restoration"),
    ]
    request_.refresh_from_db()
    assert (run.state, request_.state, run.started_by) == ("queued", "started", world.requester)
    assert bells == [("liveupdate.tasks.ring", run.pk)]
    entry = Intake.objects.get(run=run.pk)
    assert (entry.event, entry.actor_id) == ("run.queue", world.requester.public_id)


@pytest.mark.threat("T22")
@pytest.mark.asvs("2.3.4")
def test_a_request_is_started_once(request_: Request) -> None:
    start_run(request_.pk)
    with pytest.raises(Conflict):
        start_run(request_.pk)


@pytest.mark.threat("T27")
@pytest.mark.asvs("2.3.1")
@pytest.mark.parametrize("state", [s for s in RequestState if s is not RequestState.APPROVED])
def test_nothing_but_an_approved_request_starts(request_: Request, state: RequestState) -> None:
    Request.objects.update(state=state)
    with pytest.raises(Conflict):
        start_run(request_.pk)
    assert not Run.objects.exists()


@pytest.mark.threat("T21")
@pytest.mark.asvs("2.3.2")
@pytest.mark.parametrize(("opens", "ends"), [(1, 2), (-2, -1)])
def test_outside_its_window_nothing_starts(request_: Request, opens: int, ends: int) -> None:
    now = timezone.now()
    Request.objects.update(starts_at=now + timedelta(hours=opens), ends_at=now + timedelta(hours=ends))
    with pytest.raises(Conflict, match="window"):
        start_run(request_.pk)


@pytest.mark.threat("T21")
@pytest.mark.asvs("16.5.3")
def test_an_approval_that_does_not_hold_starts_nothing(world: World, request_: Request) -> None:
    plan = request_.plan
    assert plan
    Approval.objects.create(
        plan=plan, person=world.approver, decision=Approval.Decision.WITHDRAW, digest=plan.digest
    )
    with pytest.raises(Conflict):
        start_run(request_.pk)


def forge_a_row(world: World, plan: Plan) -> None:
    kim = User.objects.create(username="kim")
    Membership.objects.create(user=kim, team=world.team, role=Role.APPROVER)
    Approval.objects.all().delete()
    Approval.objects.create(plan=plan, person=kim, decision="approve", digest=plan.digest)


def put_the_row_on_somebody_else(world: World, plan: Plan) -> None:
    kim = User.objects.create(username="kim")
    Membership.objects.create(user=kim, team=world.team, role=Role.APPROVER)
    Approval.objects.update(person=kim)


def delete_the_withdrawal(world: World, plan: Plan) -> None:
    assert plan.request
    world.decide(plan.request, Approval.Decision.WITHDRAW).delete()


def forge_row_and_entry(world: World, plan: Plan) -> None:
    entered = Intake.objects.get(event=Event.APPROVAL_GRANT)
    forge_a_row(world, plan)
    row = Approval.objects.get()
    said = json.loads(entered.content)
    said["actor"]["id"], said["d"]["approval"] = row.person.public_id, row.pk
    content = canonical_json(said)
    entered.pk, entered.content, entered.leaf = None, content, leaf_hash(content)
    entered.save(force_insert=True)


def move_the_window(world: World, plan: Plan) -> None:
    Request.objects.update(ends_at=timezone.now() + timedelta(days=3))


def approve_again_what_was_voided(world: World, plan: Plan) -> None:
    assert plan.request
    record(Event.PLAN_VOID, Actor.portal(), {"request": plan.request.number}, {})


FORGERIES = [
    *(forge_a_row, put_the_row_on_somebody_else, delete_the_withdrawal, forge_row_and_entry),
    *(move_the_window, approve_again_what_was_voided),
]


@pytest.mark.threat("T21", "T23")
@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_somebody_wrote_into_the_database_starts_nothing(
    world: World, request_: Request, forgery: Callable[[World, Plan], None]
) -> None:
    assert request_.plan
    forgery(world, request_.plan)
    with pytest.raises(Conflict, match="ledger knows of no approval"):
        start_run(request_.pk)
    assert not Run.objects.exists()


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_somebody_wrote_into_the_database_carries_no_queued_run(
    world: World, request_: Request, forgery: Callable[[World, Plan], None]
) -> None:
    run = start_run(request_.pk)
    assert refusal(run) == ""
    forgery(world, run.plan)
    assert "ledger knows of no approval" in refusal(run)


@pytest.mark.threat("T21")
@pytest.mark.asvs("8.3.2")
def test_an_approver_who_lost_the_role_carries_nothing(world: World, request_: Request) -> None:
    Membership.objects.filter(user=world.approver).delete()
    with pytest.raises(Conflict):
        start_run(request_.pk)


def test_the_requesters_own_approval_counts_for_nothing(world: World, request_: Request) -> None:
    Membership.objects.create(user=world.requester, team=world.team, role=Role.APPROVER)
    Approval.objects.update(person=world.requester)
    with pytest.raises(Conflict):
        start_run(request_.pk)


@pytest.mark.threat("T21")
def test_an_altered_plan_starts_nothing(request_: Request) -> None:
    plan = request_.plan
    assert plan
    plan.document = plan.document.replace("true", "false")
    plan.save()
    with pytest.raises(Conflict, match="not the text that was approved"):
        start_run(request_.pk)


def test_strangers_start_nothing(world: World, request_: Request) -> None:
    with pytest.raises(NotAllowed):
        start_run(request_.pk, world.approver)


@pytest.mark.threat("T22")
@pytest.mark.asvs("2.3.4")
def test_one_live_run_per_lpar(world: World, request_: Request) -> None:
    other = world.approved(world.plan([sh("a", "true")]))
    run = start_run(request_.pk)
    with pytest.raises(Conflict, match=f"run {run.pk}"):
        start_run(other.pk)
    plan = other.plan
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(request=other, plan=plan, lpar=world.lpar)


def test_decisions_need_a_waiting_run_and_a_reason(world: World, request_: Request) -> None:
    run = start_run(request_.pk)
    with pytest.raises(Invalid):
        decide(run.pk, world.operator, Decision.CLOSE, " ")
    with pytest.raises(Conflict):
        decide(run.pk, world.operator, Decision.CLOSE, "because")


def test_the_scheduler_rings_for_what_is_due_and_expires_what_is_over(
    world: World, request_: Request, bells: list[Any]
) -> None:
    now = timezone.now()
    over = world.approved(
        world.plan([sh("b", "true")]), starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=2)
    )
    later = world.approved(
        world.plan([sh("c", "true")]), starts_at=now + timedelta(hours=2), ends_at=now + timedelta(hours=3)
    )
    call_command("scheduler", once=True)
    states = dict(Request.objects.values_list("pk", "state"))
    assert states == {request_.pk: "approved", over.pk: "expired", later.pk: "approved"}
    assert [pk for task, pk in bells if task == "liveupdate.tasks.start"] == [request_.pk]
    entry = Intake.objects.get(event="approval.expire")
    assert (entry.actor_kind, entry.request) == ("portal", over.number)


def test_the_scheduler_rings_for_runs_that_nobody_took(request_: Request, bells: list[Any]) -> None:
    run = start_run(request_.pk)
    bells.clear()
    call_command("scheduler", once=True)
    assert ("liveupdate.tasks.ring", run.pk) in bells


@pytest.mark.asvs("16.5.2")
def test_a_dead_broker_is_logged_and_does_not_hinder(
    request_: Request, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_args: Any, **_more: Any) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(dispatch.current_app, "send_task", refuse)
    with caplog.at_level(logging.WARNING):
        dispatch.ring("run", 7)
    assert "no bell for run 7" in caplog.text


def test_an_update_that_nim_began_on_the_lpar_is_not_aborted_and_says_why(world: World) -> None:
    nim = words.StepHost.NIM_MASTER
    update = sh("update", "true", kind=words.StepKind.ONCE, host=nim, live_update=True)
    plan = world.plan([sh("before", "true"), update])
    plan = replace(plan, hosts={**plan.hosts, nim: plan.hosts[words.StepHost.HMC]})
    run = start_run(world.approved(plan).pk)
    Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING, owner="w1")
    run.steps.filter(key="update").update(state=StepState.RUNNING)
    with pytest.raises(Conflict) as refused:
        ask_abort(run.pk, world.operator)
    assert refused.value.code == "update_works_elsewhere"
    run.steps.filter(key="update").update(state=StepState.PENDING)
    assert ask_abort(run.pk, world.operator).pk == run.pk
