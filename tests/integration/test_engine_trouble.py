"""Aborts, lost contact, vanished commands, time limits, changed keys: unknown is never rounded."""

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from inventory.models import Credential
from inventory.transport import follow
from liveupdate.actions.runs import Decision, ask_abort, decide, start_run
from liveupdate.engine import keeper
from liveupdate.engine.execution import execute
from liveupdate.engine.redactor import tag_of
from liveupdate.engine.stopping import stopping
from liveupdate.engine.stored_output import stored_output
from liveupdate.lpar.residue import LeftoverKind
from liveupdate.models import Leftover, Run, RunCommand, RunEvent, RunStep
from liveupdate.procedures import step as words
from liveupdate.states import RunState
from portal.audit.models import Intake
from portal.lib.errors import Conflict, NotAllowed
from tests.integration.engine_world import World, make_world, sh
from tests.ssh_server import Server, in_process_server
from tests.tcp_gate import Gate, gate_to

IDEMPOTENT, ONCE = words.StepKind.IDEMPOTENT, words.StepKind.ONCE
UNKNOWN = words.Prompt("password:", "nowhere")
IDEMPOTENT = words.StepKind.IDEMPOTENT
RESTORE = words.Phase.RESTORE
SLOW = "echo x >> ran; i=0; while [ $i -lt {turns} ]; do echo line $i; i=$((i+1)); sleep 0.1; done; echo done"
PAST = "echo 'Non-interruptable live update operation begins in 10 seconds.'; "


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
    """An estate whose engine looks around more often than it would."""
    monkeypatch.setattr(keeper, "TICK_S", 0.2)
    monkeypatch.setattr(follow, "_CHECK_S", 0.5)
    settings.PORTAL_LAUNCHER_DIR = str(server.directory / "launcher")
    settings.PORTAL_POLL_S = 0.05
    settings.PORTAL_LEASE_S = 6
    return make_world(server.endpoint(port=gate.port), server.endpoint(name="hmc01"))


def queue(world: World, *steps: words.Step, restoration: tuple[words.Step, ...] = (), **more: Any) -> Run:
    return start_run(world.approved(world.plan(steps, restoration, **more)).pk)


@contextlib.contextmanager
def executing(run: Run, worker: str = "w1", seconds: float = 40) -> Iterator[threading.Thread]:
    def work() -> None:
        try:
            execute(run.pk, worker)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(seconds)
        assert not thread.is_alive()
        run.refresh_from_db()


def wait_for(condition: Callable[[], Any], seconds: float = 15) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


def state_is(run: Run, state: RunState) -> Callable[[], bool]:
    return lambda: Run.objects.filter(pk=run.pk, state=state).exists()


def has_output(run: Run, text: bytes) -> Callable[[], bool]:
    return lambda: any(
        text in b"".join(stored_output(command, "stdout")) for command in RunCommand.objects.filter(run=run)
    )


def ran(server: Server) -> str:
    return (server.directory / "ran").read_text()


def pid_of(server: Server, run: Run) -> int:
    command = RunCommand.objects.get(run=run, watch=False)
    return int((server.directory / "launcher" / command.launch_key / "pid").read_text().split()[0])


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_abort_before_the_point_of_no_return_stops_and_restores(world: World, server: Server) -> None:
    run = queue(
        world,
        sh("update", SLOW.format(turns=300), kind=ONCE, live_update=True),
        sh("later", "echo later >> ran", kind=IDEMPOTENT),
        restoration=(sh("undo", "echo undone >> ran", kind=ONCE, phase=RESTORE, undoes="update"),),
    )
    with executing(run):
        wait_for(has_output(run, b"line 2"))
        pid = pid_of(server, run)
        ask_abort(run.pk, world.requester)
    assert run.state == RunState.ABORTED
    notes = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.NOTE).values_list("data__text", flat=True)
    assert not [note for note in notes if "point of no return" in note]
    assert ran(server) == "x\nundone\n"
    assert not is_alive(pid)
    command = run.commands.order_by("number").first()
    assert command
    files = server.directory / "launcher" / command.launch_key
    assert b"".join(stored_output(command, "stdout")) == (files / "stdout").read_bytes()


def test_abort_after_the_point_of_no_return_is_refused_and_nothing_is_stopped(
    world: World, server: Server
) -> None:
    update = sh("update", PAST + SLOW.format(turns=8), kind=ONCE, live_update=True)
    run = queue(world, update)
    with executing(run):
        wait_for(lambda: Run.objects.filter(pk=run.pk, point_of_no_return_at__isnull=False).exists())
        with pytest.raises(Conflict, match="point of no return"):
            ask_abort(run.pk, world.operator)
    assert run.state == RunState.SUCCEEDED
    assert has_output(run, b"done")()


@pytest.mark.deep
def test_an_abort_that_comes_too_late_for_the_action_is_told_and_not_heeded(
    world: World, server: Server
) -> None:
    update = sh("update", PAST + SLOW.format(turns=15), kind=ONCE, live_update=True)
    run = queue(world, update)
    with executing(run):
        wait_for(has_output(run, b"line 1"))
        Run.objects.filter(pk=run.pk).update(abort_asked_at="2026-01-01T00:00:00Z")
    assert run.state == RunState.SUCCEEDED
    assert has_output(run, b"done")()
    notes = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.NOTE).values_list("data__text", flat=True)
    assert any("after the point of no return" in note for note in notes)


def test_a_queued_run_is_aborted_at_once(world: World, server: Server) -> None:
    run = queue(world, sh("a", "echo a >> ran", kind=IDEMPOTENT))
    ask_abort(run.pk, world.requester)
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == RunState.ABORTED
    assert not (server.directory / "ran").exists()


def test_only_operators_and_the_team_abort(world: World) -> None:
    run = queue(world, sh("a", "true"))
    with pytest.raises(NotAllowed):
        ask_abort(run.pk, world.approver)


def test_lost_contact_is_a_state_and_the_run_goes_on_without_a_lost_byte(
    world: World, server: Server, gate: Gate
) -> None:
    run = queue(world, sh("update", SLOW.format(turns=18), kind=ONCE))
    with executing(run):
        wait_for(has_output(run, b"line 3"))
        gate.shut()
        wait_for(state_is(run, RunState.CONTACT_LOST))
        assert Run.objects.get(pk=run.pk).reason
        time.sleep(0.5)
        gate.open()
        wait_for(state_is(run, RunState.RUNNING))
    assert run.state == RunState.SUCCEEDED
    assert ran(server) == "x\n"
    command = run.commands.get()
    files = server.directory / "launcher" / command.launch_key
    assert b"".join(stored_output(command, "stdout")) == (files / "stdout").read_bytes()


@pytest.mark.deep
def test_many_short_drops_lose_nothing_and_start_nothing_twice(
    world: World, server: Server, gate: Gate
) -> None:
    run = queue(world, sh("update", SLOW.format(turns=20), kind=ONCE, deadline_s=90))
    with executing(run, seconds=100):
        wait_for(has_output(run, b"line 1"))
        for _ in range(6):
            gate.cut()
            time.sleep(0.4)
    assert run.state == RunState.SUCCEEDED, run.reason
    assert ran(server) == "x\n"
    command = run.commands.get()
    files = server.directory / "launcher" / command.launch_key
    assert b"".join(stored_output(command, "stdout")) == (files / "stdout").read_bytes()


def test_a_read_is_repeated_after_lost_contact_as_a_new_command(
    world: World, server: Server, gate: Gate
) -> None:
    run = queue(world, sh("look", "echo begun; sleep 1; echo end"))
    with executing(run):
        wait_for(lambda: RunCommand.objects.filter(run=run).exists())
        wait_for(lambda: server.commands)
        time.sleep(0.2)
        gate.cut()
    assert run.state == RunState.SUCCEEDED
    first, second = run.commands.all()
    assert (first.state, first.status) == (RunCommand.State.UNKNOWN, None)
    assert (second.state, second.status) == (RunCommand.State.ENDED, 0)
    assert b"".join(stored_output(second, "stdout")) == b"begun\nend\n"


def test_a_host_that_never_answers_is_for_a_person_at_the_time_limit(world: World, gate: Gate) -> None:
    gate.shut()
    run = queue(world, sh("look", "true", deadline_s=1))
    with executing(run):
        pass
    assert run.state == RunState.NEEDS_PERSON
    told = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.STATE)
    assert "contact_lost" in told.values_list("data__state", flat=True)
    gate.open()
    decide(run.pk, world.operator, Decision.CONTINUE, "the network is back")
    with executing(run):
        pass
    assert run.state == RunState.SUCCEEDED


def test_a_vanished_command_is_for_a_person_and_never_started_again(world: World, server: Server) -> None:
    run = queue(
        world,
        sh("update", SLOW.format(turns=300), kind=ONCE),
        restoration=(sh("undo", "echo undone >> ran", kind=IDEMPOTENT, phase=RESTORE, undoes="update"),),
    )
    with executing(run):
        wait_for(has_output(run, b"line 2"))
        kill_all_of(server, run)
    assert run.state == RunState.NEEDS_PERSON
    assert RunStep.objects.get(run=run, key="update").state == "unknown"
    decide(run.pk, world.operator, Decision.CONTINUE, "look again")
    with executing(run):
        pass
    assert run.state == RunState.NEEDS_PERSON
    assert ran(server) == "x\n"
    with pytest.raises(NotAllowed):
        decide(run.pk, world.requester, Decision.RESTORE, "I want")
    decide(run.pk, world.operator, Decision.RESTORE, "it was killed by hand")
    with executing(run):
        pass
    assert run.state == RunState.FAILED
    assert ran(server) == "x\nundone\n"
    assert "it was killed by hand" in run.outcome


def kill_all_of(server: Server, run: Run) -> None:
    """End the command and whoever would write its status, as a crash of the host does."""
    key = RunCommand.objects.get(run=run).launch_key
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if key.encode() in (entry / "cmdline").read_bytes():
                os.killpg(os.getpgid(int(entry.name)), signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid_of(server, run), signal.SIGKILL)


def test_closing_a_run_leaves_everything_as_it_is(world: World, server: Server, gate: Gate) -> None:
    gate.shut()
    run = queue(world, sh("look", "true", deadline_s=1))
    with executing(run):
        pass
    decide(run.pk, world.operator, Decision.CLOSE, "the LPAR is being rebuilt")
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "the LPAR is being rebuilt" in run.outcome
    assert server.commands == []


def test_closing_a_run_names_what_is_not_taken_back(world: World, server: Server) -> None:
    changed = sh("trust", "true", title="Switch trusted execution off")
    restoration = [
        sh("trust_back", "true", kind=IDEMPOTENT, undoes="trust", title="Trusted execution as before"),
        sh("trust_as_before", "true", undoes="trust", title="Only looked at"),
        sh("other_back", "true", undoes="other", title="Never begun"),
    ]
    run = queue(
        world, changed, sh("look", "sleep 9", deadline_s=1), sh("other", "true"), restoration=restoration
    )
    with executing(run):
        pass
    assert run.state == RunState.NEEDS_PERSON
    decide(run.pk, world.operator, Decision.CLOSE, "the LPAR is being rebuilt.")
    run.refresh_from_db()
    assert run.outcome.endswith("rebuilt. Not restored: Trusted execution as before.")
    (left,) = Leftover.objects.filter(run=run)
    assert left.kind == LeftoverKind.UNRESTORED
    assert left.text == "Trusted execution as before: The run was closed before."


def test_the_time_limit_of_a_once_step_is_for_a_person_and_stops_nothing(
    world: World, server: Server
) -> None:
    run = queue(world, sh("update", SLOW.format(turns=20), kind=ONCE, deadline_s=1))
    with executing(run):
        pass
    assert run.state == RunState.NEEDS_PERSON
    assert is_alive(pid_of(server, run))
    while run.state == RunState.NEEDS_PERSON:
        decide(run.pk, world.operator, Decision.CONTINUE, "it is still busy")
        with executing(run):
            pass
    assert run.state == RunState.SUCCEEDED
    assert ran(server) == "x\n"


def test_a_changed_host_key_is_for_a_person_and_in_the_ledger(world: World, server: Server) -> None:
    world.endpoint = server.endpoint(host_key="SHA256:" + "B" * 43)
    run = queue(world, sh("look", "true"))
    with executing(run):
        pass
    assert run.state == RunState.NEEDS_PERSON
    assert "host key" in run.reason
    assert Intake.objects.filter(run=run.pk, event="hostkey.reject").exists()
    assert server.commands == []


def test_a_plan_that_cannot_be_followed_is_for_a_person_and_not_tried_for_ever(world: World) -> None:
    run = queue(world, sh("auth", "", action=words.Answer(sh("x", "true").action.command, (UNKNOWN,))))
    with executing(run):
        pass
    assert run.state == RunState.NEEDS_PERSON
    assert "no credential 'nowhere'" in run.reason


def test_a_stopping_worker_hands_the_run_back_and_another_goes_on(world: World, server: Server) -> None:
    run = queue(world, sh("update", SLOW.format(turns=18), kind=ONCE))
    with executing(run):
        wait_for(has_output(run, b"line 2"))
        stopping.set()
    stopping.clear()
    assert (run.state, run.owner) == (RunState.RUNNING, "")
    with executing(run, "w2"):
        pass
    assert run.state == RunState.SUCCEEDED
    assert ran(server) == "x\n"
    command = run.commands.get()
    files = server.directory / "launcher" / command.launch_key
    assert b"".join(stored_output(command, "stdout")) == (files / "stdout").read_bytes()


def test_what_a_worker_masked_is_told_by_the_one_that_takes_over(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_HMC_PASSWORD", "kanari-7vogel")
    Credential.objects.create(name="hmc-client", reference="env:TEST_HMC_PASSWORD")
    types = sh("x", 'printf "password: "; read -r p; echo').action.command  # type: ignore[union-attr]
    prompts = (words.Prompt("password: $", "hmc-client"),)
    go = server.directory / "go"
    script = f"echo kanari-7vogel password=abc first; until [ -e {go} ]; do sleep 0.05; done; echo second"
    run = queue(
        world,
        sh("shows", script, kind=ONCE),
        sh("types", "", action=words.Answer(types, prompts), kind=IDEMPOTENT),
    )
    with executing(run):
        wait_for(has_output(run, b"first"))
        stopping.set()
    stopping.clear()
    go.touch()
    with executing(run, "w2"):
        pass
    assert run.state == RunState.SUCCEEDED, run.reason
    end = Intake.objects.filter(run=run.pk, event="cmd.end").earliest("rs")
    masked = json.loads(bytes(end.content))["d"]["stdout"]["masked"]
    assert masked == [{"rule": "known", "tag": tag_of("kanari-7vogel")}, {"rule": "password"}]
    assert has_output(run, b"************* password=*** first\nsecond\n")()


def test_many_bells_for_one_run_execute_it_once(world: World, server: Server) -> None:
    run = queue(world, sh("update", "echo x >> ran", kind=ONCE), sh("more", "echo y >> ran", kind=IDEMPOTENT))
    with contextlib.ExitStack() as stack:
        for number in range(10):
            stack.enter_context(executing(run, f"w{number}"))
    assert run.state == RunState.SUCCEEDED
    assert run.epoch == 1
    assert ran(server) == "x\ny\n"
