"""Whole emergencies over SSH to the lab: confirmed in time, and stopped before what cannot be undone."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from inventory.lab.estate import RunningLab, running_lab
from inventory.transport import Endpoint
from liveupdate.actions.approvals import approve
from liveupdate.actions.emergencies import Urgency
from liveupdate.actions.requests import create_request, submit_request
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.models import Notice, Plan, Request, Run, RunEvent, RunStep
from liveupdate.states import RequestState, RunState, Verdict
from portal.access.actions import grant
from portal.access.factors import Factor
from portal.access.roles import Role
from portal.access.step_up import StepUpNeeded
from portal.audit.actor import Actor
from portal.lib.canonical import canonical_json, digest
from tests.integration.engine_world import World, make_world, sh
from tests.schedules import wish

pytestmark = [
    pytest.mark.deep,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
    pytest.mark.threat("T30"),
]
LOOK, CHANGE, UNDO = ("echo looked-around", "echo changed-for-good", "echo taken-back")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=100) as running:
        yield running


def endpoint(lab: RunningLab, name: str) -> Endpoint:
    host = lab.host(name)
    key = f"file:{host['key_file']}"
    return Endpoint(name, host["address"], host["port"], host["account"], host["host_key"], key)


@pytest.fixture
def world(lab: RunningLab) -> World:
    made = make_world(endpoint(lab, "pay01"), endpoint(lab, "hmc01"))
    grant(made.requester, Role.EMERGENCY, made.team, by=Actor.command("tests"))
    type(made.approver).objects.update(email="all@example.test")
    return made


def opened(world: World) -> Run:
    """An emergency that looks, changes for good, and knows what it would take back; it starts at once."""
    steps = (sh("look", LOOK), sh("change", CHANGE, reversible=False))
    document = canonical_json(world.plan(steps, (sh("undo", UNDO),)).document())
    request = create_request(world.requester, world.lpar.pk, wish())
    request.plan = Plan.objects.create(
        request=request, lpar=world.lpar, procedure=request.procedure, document=document.decode(),
        digest=digest(document), summary="", verdict=Verdict.READY, facts_read_at=timezone.now(),
    )  # fmt: skip
    request.state = RequestState.PLANNED
    request.save()
    urgency = Urgency("INC-9", "The payroll run stands", Factor.SECOND_FACTOR)
    submit_request(world.requester, request.pk, request.plan.digest, urgency)
    told = Notice.objects.filter(request=request, occasion="emergency")
    assert [notice.person for notice in told] == [world.approver]
    return start_run(request.pk)


def executed(run: Run) -> threading.Thread:
    """A worker that executes the run."""

    def work() -> None:
        try:
            execute(run.pk, "w1")
        finally:
            connection.close()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    return worker


def wait_for_its_note(run: Run) -> None:
    """Until the run says that it waits for its confirmation."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        notes = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.NOTE)
        if any("nobody confirmed" in note.data["text"] for note in notes):
            return
        time.sleep(0.2)
    raise AssertionError("The run does not wait.")


def sent(lab: RunningLab) -> list[str]:
    """Which of our commands reached the LPAR, by its own truth log."""
    log = (lab.directory / "hosts/pay01/truth.log").read_text()
    return [text for text in (LOOK, CHANGE, UNDO) if text in log]


def test_a_second_person_lets_it_go_on_and_nobody_stops_it(lab: RunningLab, world: World) -> None:
    run = opened(world)
    worker = executed(run)
    wait_for_its_note(run)
    assert sent(lab) == [LOOK], "nothing that lasts before the confirmation"
    plan = Request.objects.get(pk=run.request_id).plan
    assert plan is not None
    with pytest.raises(StepUpNeeded):
        approve(world.approver, run.request_id, plan.digest, factor=Factor.PASSWORD)
    approve(world.approver, run.request_id, plan.digest, factor=Factor.SECOND_FACTOR)
    worker.join(timeout=120)
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED, run.outcome
    assert CHANGE in sent(lab)


def test_nobody_confirms_and_it_stops_and_takes_back_what_it_did(lab: RunningLab, world: World) -> None:
    before = (lab.directory / "hosts/pay01/truth.log").read_text().count(CHANGE)
    run = opened(world)
    worker = executed(run)
    wait_for_its_note(run)
    Run.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(minutes=16))
    worker.join(timeout=120)
    run.refresh_from_db()
    assert run.state == RunState.ABORTED, run.outcome
    assert "Its time is over" in run.outcome
    states = dict(RunStep.objects.filter(run=run).values_list("key", "state"))
    assert (states["change"], states["undo"]) == ("skipped", "succeeded")
    log = (lab.directory / "hosts/pay01/truth.log").read_text()
    assert (log.count(CHANGE), UNDO in log) == (before, True)
