"""A step that restarts its host: silence is expected, another start is the proof, nothing is done twice."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liveupdate.actions.runs import Decision, decide, start_run
from liveupdate.engine import restart
from liveupdate.engine.execution import execute
from liveupdate.models import Run, RunCommand, RunEvent, RunStep
from liveupdate.procedures import step as words
from liveupdate.states import RunState
from tests.integration.engine_world import World, make_world, sh
from tests.integration.test_engine_execution import entries
from tests.integration.test_engine_trouble import executing, has_output, ran, wait_for
from tests.leftovers import end_processes_in
from tests.ssh_server import Server, in_process_server
from tests.tcp_gate import Gate, gate_to

GOING_DOWN = "echo restart >> ran; echo SHUTDOWN PROGRAM; sleep 600"
FIRST, SECOND = ".        system boot Nov 25 08:14", ".        system boot Nov 25 21:03"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        programs = running.directory / "programs"
        programs.mkdir()
        (programs / "who").write_text('#!/bin/sh\ncat "$HOME/boot"\n')
        (programs / "who").chmod(0o755)
        running.path = f"{programs}:{running.path}"
        started(running, FIRST)
        yield running


@pytest.fixture
def gate(server: Server) -> Iterator[Gate]:
    with gate_to(server.port) as gate:
        yield gate


@pytest.fixture
def world(
    transactional_db: None, server: Server, gate: Gate, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> World:
    monkeypatch.setattr(restart, "BACKOFF_S", (0.2,))
    settings.PORTAL_LAUNCHER_DIR = str(server.directory / "launcher")
    settings.PORTAL_POLL_S = 0.05
    return make_world(server.endpoint(port=gate.port), server.endpoint(name="hmc01"))


def started(server: Server, when: str) -> None:
    (server.directory / "boot").write_text(f"   {when}\n")


def queue(world: World, script: str = GOING_DOWN, **more: Any) -> Run:
    down = sh("restart", script, **({"kind": words.StepKind.ONCE, "restarts": True} | more))
    return start_run(world.approved(world.plan([down, sh("after", "true")])).pk)


def notes(run: Run) -> list[str]:
    kind = RunEvent.Kind.NOTE
    return list(RunEvent.objects.filter(run=run, kind=kind).values_list("data__text", flat=True))


def looks(run: Run) -> int:
    return RunCommand.objects.filter(run=run, watch=True).count()


def go_down(server: Server, gate: Gate, run: Run) -> None:
    """Nothing answers any more, and every process is gone."""
    gate.shut()
    kill_all_of_launched(server, run)


def kill_all_of_launched(server: Server, run: Run) -> None:
    key = RunCommand.objects.get(run=run, watch=False).launch_key
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended while we looked
            if key.encode() in (entry / "cmdline").read_bytes():
                os.killpg(os.getpgid(int(entry.name)), signal.SIGKILL)


def step(run: Run) -> RunStep:
    return RunStep.objects.get(run=run, key="restart")


def test_a_restart_has_succeeded_when_the_host_answers_after_another_start(
    world: World, server: Server, gate: Gate
) -> None:
    run = queue(world)
    with executing(run):
        wait_for(has_output(run, b"SHUTDOWN PROGRAM"))
        kill_all_of_launched(server, run)
        seen = looks(run)
        wait_for(lambda: looks(run) >= seen + 2)
        assert step(run).state == "running", "it still answers before it goes down"
        gate.shut()
        wait_for(lambda: any("as expected" in note for note in notes(run)))
        assert Run.objects.get(pk=run.pk).state == RunState.RUNNING, "silence is no lost contact here"
        started(server, SECOND)
        gate.open()
    assert (run.state, ran(server)) == (RunState.SUCCEEDED, "restart\n")
    assert step(run).message == "pay01 answers again after its restart: system boot Nov 25 21:03."
    command = run.commands.get(step__key="restart", watch=False)
    assert command.state == RunCommand.State.UNKNOWN, "its own end was seen by nobody"
    told = [entry["d"] for entry in entries(run) if entry["t"] == "cmd.unknown"]
    assert {"command": command.number, "reason": "its host restarted"} in told


def test_a_clone_that_knows_nothing_of_the_launch_is_not_restarted_again(
    world: World, server: Server, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The launch is not confirmed, the worker dies, and the disk that is started holds no trace of it."""
    monkeypatch.setattr("liveupdate.engine.restart.commands.started", died)
    run = queue(world)
    with pytest.raises(Died):
        execute(run.pk, "dies")
    monkeypatch.undo()
    wait_for((server.directory / "ran").exists)
    end_processes_in(server.directory / "launcher")
    kill_all_of_launched(server, run)
    (server.directory / "launcher").rename(server.directory / "old_disk")
    started(server, SECOND)
    Run.objects.filter(pk=run.pk).update(owner="", lease_until=None)
    with executing(run, "w2"):
        pass
    assert (run.state, ran(server)) == (RunState.SUCCEEDED, "restart\n")


def test_a_host_that_stays_away_is_for_a_person(world: World, server: Server, gate: Gate) -> None:
    run = queue(world, deadline_s=4)
    with executing(run):
        wait_for(has_output(run, b"SHUTDOWN PROGRAM"))
        go_down(server, gate, run)
    assert run.state == RunState.NEEDS_PERSON
    assert "pay01 was told to restart at" in run.reason
    assert "does not answer" in run.reason
    assert step(run).state == "unknown"
    started(server, SECOND)
    gate.open()
    decide(run.pk, world.operator, Decision.CONTINUE, "it hung at LED 0c31; activated by hand")
    with executing(run, "w2"):
        pass
    assert (run.state, ran(server)) == (RunState.SUCCEEDED, "restart\n")


def test_a_host_that_goes_on_is_for_a_person(world: World, server: Server) -> None:
    run = queue(world, "echo restart >> ran", deadline_s=3)
    with executing(run):
        pass
    assert run.state == RunState.NEEDS_PERSON
    assert f"still says “{FIRST}”" in run.reason


@pytest.mark.parametrize("boot", [FIRST, ""], ids=["told", "not told"])
def test_a_restart_that_is_refused_has_failed(world: World, server: Server, boot: str) -> None:
    (server.directory / "boot").write_text(f"{boot}\n")
    run = queue(world, "echo restart >> ran; echo 'shutdown: not allowed' >&2; exit 1")
    with executing(run):
        pass
    assert run.state == RunState.FAILED
    if boot:
        assert "shutdown: not allowed" in run.outcome
    else:
        assert "does not say when it started: nothing is sent" in run.outcome
        assert not (server.directory / "ran").exists()


def test_a_restart_ends_its_command_by_a_signal(world: World, server: Server) -> None:
    """`shutdown` ends every process, its own too: that is no refusal."""
    run = queue(world, "echo restart >> ran; kill -TERM $$")
    with executing(run):
        wait_for(lambda: looks(run) >= 3)
        started(server, SECOND)
    assert run.state == RunState.SUCCEEDED
    assert run.commands.get(step__key="restart", watch=False).status == 128 + signal.SIGTERM


class Died(BaseException):
    """What a killed worker raises nowhere; nothing may catch it."""


def died(*_: Any, **__: Any) -> None:
    raise Died
