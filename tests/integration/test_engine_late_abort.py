"""Nothing is stopped or taken back before everything that the target has said was read."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from inventory.transport import follow
from liveupdate.actions.runs import Decision, ask_abort, decide, start_run
from liveupdate.engine import keeper
from liveupdate.models import Run, RunStep
from liveupdate.procedures import step as words
from liveupdate.states import RunState
from portal.lib.canonical import digest
from portal.lib.errors import Conflict
from tests.integration.engine_world import World, host_ref, make_world, sh
from tests.integration.test_engine_restart import notes
from tests.integration.test_engine_trouble import executing, has_output, ran, state_is, wait_for
from tests.ssh_server import Server, in_process_server
from tests.tcp_gate import Gate, gate_to

ONCE, RESTORE = words.StepKind.ONCE, words.Phase.RESTORE
CONTINUE = words.OnFailure.CONTINUE
UPDATE = """
echo x >> ran; trap 'echo stopped >> ran; exit 1' TERM; echo preparing
while [ ! -f go ]; do sleep 0.05; done
echo 'Non-interruptable live update operation begins in 10 seconds.'
i=0; while [ $i -lt {turns} ]; do echo line $i; i=$((i+1)); sleep 0.1; done; echo done
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def gate(server: Server) -> Iterator[Gate]:
    with gate_to(server.port) as gate:
        yield gate


@pytest.fixture
def world(
    transactional_db: None, server: Server, gate: Gate, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> World:
    monkeypatch.setattr(keeper, "TICK_S", 0.1)
    monkeypatch.setattr(follow, "_CHECK_S", 0.5)
    settings.PORTAL_LAUNCHER_DIR = str(server.directory / "launcher")
    settings.PORTAL_POLL_S = 0.05
    settings.PORTAL_LEASE_S = 6
    return make_world(server.endpoint(port=gate.port), server.endpoint(name="hmc01"))


def queue(world: World, turns: int, **more: Any) -> Run:
    update = sh("update", UPDATE.format(turns=turns), kind=ONCE, live_update=True, **more)
    undo = sh("undo", "echo undone >> ran", kind=ONCE, phase=RESTORE, undoes="update")
    return start_run(world.approved(world.plan([update], [undo])).pk)


@pytest.mark.threat("T32")
@pytest.mark.deep
def test_an_abort_while_out_of_contact_does_not_stop_what_went_too_far_meanwhile(
    world: World, server: Server, gate: Gate
) -> None:
    run = queue(world, turns=40)
    with executing(run):
        wait_for(has_output(run, b"preparing"))
        gate.shut()
        wait_for(state_is(run, RunState.CONTACT_LOST))
        (server.directory / "go").touch()
        ask_abort(run.pk, world.operator)
        time.sleep(1)
        gate.open()
    assert run.state == RunState.SUCCEEDED, run.outcome
    assert ran(server) == "x\nundone\n"
    assert has_output(run, b"done")()


@pytest.mark.deep
def test_an_abort_while_out_of_contact_stops_what_did_not_go_too_far(
    world: World, server: Server, gate: Gate
) -> None:
    run = queue(world, turns=40)
    with executing(run):
        wait_for(has_output(run, b"preparing"))
        gate.shut()
        wait_for(state_is(run, RunState.CONTACT_LOST))
        ask_abort(run.pk, world.operator)
        time.sleep(0.5)
        gate.open()
    assert run.state == RunState.ABORTED
    assert ran(server) == "x\nstopped\nundone\n"


@pytest.mark.threat("T32")
@pytest.mark.deep
def test_a_worker_that_takes_over_after_an_abort_reads_before_it_stops(
    world: World, server: Server, gate: Gate
) -> None:
    run = queue(world, turns=40)
    with executing(run):
        wait_for(has_output(run, b"preparing"))
        gate.shut()
        wait_for(state_is(run, RunState.CONTACT_LOST))
        Run.objects.filter(pk=run.pk).update(epoch=50, owner="", lease_until=None)
    (server.directory / "go").touch()
    ask_abort(run.pk, world.operator)
    time.sleep(0.5)
    gate.open()
    with executing(run, "w2"):
        pass
    assert run.state == RunState.SUCCEEDED, run.outcome
    assert ran(server) == "x\nundone\n"


@pytest.mark.deep
def test_nothing_is_taken_back_while_the_update_still_runs(world: World, server: Server) -> None:
    run = queue(world, turns=30, deadline_s=1)
    with executing(run):
        pass
    assert run.state == RunState.NEEDS_PERSON
    decide(run.pk, world.operator, Decision.RESTORE, "I thought that it had ended")
    with executing(run):
        pass
    assert run.state == RunState.NEEDS_PERSON
    assert "still runs on" in run.reason
    assert ran(server) == "x\n"
    (server.directory / "go").touch()
    while run.state == RunState.NEEDS_PERSON:
        time.sleep(0.5)
        decide(run.pk, world.operator, Decision.CONTINUE, "it may have ended by now")
        with executing(run):
            pass
    assert run.state == RunState.FAILED
    assert ran(server) == "x\nundone\n"
    assert not RunStep.objects.filter(run=run, state="running").exists()


@pytest.mark.deep
def test_a_command_that_never_stops_talking_is_stopped_all_the_same(world: World, server: Server) -> None:
    chatter = "echo x >> ran; while [ ! -f go ]; do echo line; sleep 0.01; done"
    update = sh("update", chatter, kind=ONCE, live_update=True, deadline_s=60)
    run = start_run(world.approved(world.plan([update])).pk)
    with executing(run):
        wait_for(has_output(run, b"line\nline"))
        ask_abort(run.pk, world.operator)
    assert run.state == RunState.ABORTED, run.reason
    assert RunStep.objects.get(run=run).message == "It was stopped: abort."


@pytest.mark.deep
def test_a_live_update_that_nim_runs_is_not_stopped_on_the_master(world: World, server: Server) -> None:
    """Stopping nim would leave Live Update running on the LPAR; the run survives the master's drops.

    An abort that was asked for in the moment before the update began stops it neither.
    """
    on_master = {"host": words.StepHost.NIM_MASTER}
    update = sh(
        "update", UPDATE.format(turns=20), kind=ONCE, live_update=True, on_failure=CONTINUE, **on_master
    )
    plan = world.plan([update], hosts={words.StepHost.NIM_MASTER: host_ref(world.endpoint)})
    run = start_run(world.approved(plan).pk)
    with executing(run):
        wait_for(has_output(run, b"preparing"))
        with pytest.raises(Conflict) as refused:
            ask_abort(run.pk, world.operator)
        assert refused.value.code == "update_works_elsewhere"
        Run.objects.filter(pk=run.pk).update(abort_asked_by=world.operator, abort_asked_at=timezone.now())
        wait_for(lambda: any("would not stop what it began on the LPAR" in note for note in notes(run)))
        server.drop_connections()
        (server.directory / "go").touch()
        wait_for(has_output(run, b"line 3"))
        server.drop_connections()
    assert ran(server) == "x\n"
    assert has_output(run, b"done")()
    assert RunStep.objects.get(run=run, key="update").state == "succeeded"
    command = run.commands.get(watch=False)
    files = server.directory / "launcher" / command.launch_key
    assert command.stdout_digest == digest((files / "stdout").read_bytes())
