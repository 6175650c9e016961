"""Rows that somebody wrote into the tables of runs and plans make no host do anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction

from liveupdate.actions.runs import _steps_of, start_run
from liveupdate.engine.execution import execute
from liveupdate.models import Approval, Plan, Request, Run, RunCommand, RunStep
from liveupdate.states import RequestState, RunState
from portal.lib.canonical import canonical_json, digest
from tests.integration.engine_world import World, make_world, sh
from tests.ssh_server import Server, in_process_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def world(server: Server) -> World:
    return make_world(server.endpoint(), server.endpoint(name="hmc01"))


def forged_run(request: Request, state: RunState, ending: str = "") -> Run:
    assert request.plan is not None
    Request.objects.filter(pk=request.pk).update(state=RequestState.STARTED)
    run = Run.objects.create(
        request=request, plan=request.plan, lpar=request.lpar, state=state, ending=ending
    )
    RunStep.objects.bulk_create(_steps_of(run, request.plan))
    return run


def nothing_was_sent(run: Run, server: Server) -> None:
    assert not RunCommand.objects.filter(run=run).exists()
    assert not (server.directory / "did").exists()


@pytest.mark.threat("T23", "T27")
@pytest.mark.parametrize(
    ("state", "ending", "becomes"),
    [
        (RunState.QUEUED, "", RunState.REFUSED),
        (RunState.RUNNING, "", RunState.NEEDS_PERSON),
        (RunState.CONTACT_LOST, "", RunState.NEEDS_PERSON),
        (RunState.RESTORING, RunState.FAILED, RunState.NEEDS_PERSON),
    ],
)
def test_a_run_row_without_approval_sends_nothing(
    world: World, server: Server, state: RunState, ending: str, becomes: RunState
) -> None:
    request = world.approved(world.plan([sh("one", "touch did")], [sh("back", "touch did")]))
    world.decide(request, Approval.Decision.WITHDRAW)
    run = forged_run(request, state, ending)
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == becomes
    nothing_was_sent(run, server)


@pytest.mark.threat("T23", "T27")
def test_an_approved_request_is_not_enough_for_a_row_that_says_it_runs(world: World, server: Server) -> None:
    run = forged_run(world.approved(world.plan([sh("one", "touch did")])), RunState.RUNNING)
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == RunState.NEEDS_PERSON
    assert "ledger does not know" in run.reason
    nothing_was_sent(run, server)


@pytest.mark.threat("T21")
@pytest.mark.parametrize("with_digest", [False, True])
@pytest.mark.parametrize("under_way", [False, True])
def test_a_plan_that_was_altered_is_not_executed(
    world: World, server: Server, with_digest: bool, under_way: bool
) -> None:
    run = start_run(world.approved(world.plan([sh("one", "true")])).pk)
    if under_way:
        execute_until_started(run)
    text = canonical_json(world.plan([sh("one", "touch did")]).document()).decode()
    changes = {"document": text, **({"digest": digest(text.encode())} if with_digest else {})}
    Plan.objects.filter(pk=run.plan_id).update(**changes)
    if with_digest:
        Approval.objects.filter(plan=run.plan_id).update(digest=changes["digest"])
    execute(run.pk, "w2")
    run.refresh_from_db()
    assert run.state == (RunState.NEEDS_PERSON if under_way else RunState.REFUSED)
    nothing_was_sent(run, server)


def execute_until_started(run: Run) -> None:
    """As after a worker that died right after it began."""
    from liveupdate.engine.claim import take
    from liveupdate.engine.journal import Journal

    claim = take(run.pk, "w1")
    assert claim
    journal = Journal(claim, {"request": run.request.number, "plan": run.plan.digest})
    with journal.writing():
        held = journal.run()
        journal.move(held, RunState.RUNNING)
    with transaction.atomic():
        Run.objects.filter(pk=run.pk).update(owner="")
