"""Worker processes are killed, frozen and stopped: the run goes on, nothing starts twice, no byte is lost."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from liveupdate.actions.runs import start_run
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import Run, RunCommand, RunEvent
from liveupdate.procedures import step as words
from liveupdate.states import RUN_TERMINAL, RunState
from portal.audit.models import Intake
from portal.lib.canonical import digest
from tests.chaos.workers import Workers, wait_for
from tests.integration.engine_world import World, make_world, sh
from tests.ssh_server import Server, in_process_server

LIVE_UPDATE = r"""
echo started >> truth
i=0; while [ $i -lt 12 ]; do echo "install line $i"; i=$((i+1)); sleep 0.1; done
echo 'Non-interruptable live update operation begins in 10 seconds.'
printf '....\tBlackout Time started.\n'; sleep 2.5; printf '\n\tBlackout Time end.\n'
i=0; while [ $i -lt 2000 ]; do echo "clean up line $i"; i=$((i+1)); done; echo trouble >&2
echo '....The live update operation succeeded.'
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def world(transactional_db: None, server: Server) -> World:
    return make_world(server.endpoint(), server.endpoint(name="hmc01"))


@pytest.fixture
def workers(server: Server, world: World, tmp_path: Path) -> Iterator[Workers]:
    launcher = str(server.directory / "launcher")
    with contextlib.closing(Workers(tmp_path / "workers.log", PORTAL_LAUNCHER_DIR=launcher)) as crew:
        yield crew


def queue(world: World) -> Run:
    expect = words.Expect(has=(r"live update operation succeeded\.",))
    update = sh(
        "update",
        LIVE_UPDATE,
        kind=words.StepKind.ONCE,
        phase=words.Phase.UPDATE,
        live_update=True,
        reversible=False,
        expect=expect,
        deadline_s=120,
    )
    watch = sh("w", "echo pay01,26,Running,active").action.command  # type: ignore[union-attr]
    plan = world.plan([sh("level", "echo 7200-05-03-2148"), update, sh("after", "true")], watch=watch)
    return start_run(world.approved(plan).pk)


def has_output(run: Run, text: bytes) -> Callable[[], bool]:
    def look() -> bool:
        command = RunCommand.objects.filter(run=run, step__key="update", watch=False).first()
        return command is not None and text in b"".join(stored_output(command, "stdout"))

    return look


def in_blackout(run: Run) -> Callable[[], bool]:
    seen = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.MILESTONE, data__id="M20")
    return seen.exists


def is_over(run: Run) -> Callable[[], bool]:
    return lambda: Run.objects.get(pk=run.pk).state in RUN_TERMINAL | {RunState.NEEDS_PERSON}


def check(run: Run, server: Server, *, epochs: int) -> None:
    """Started once; taken over; the record is whole, to the byte and to the entry."""
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED, f"{run.state}: {run.reason} {run.outcome}"
    assert run.epoch == epochs
    assert (server.directory / "truth").read_text() == "started\n"
    command = RunCommand.objects.get(run=run, step__key="update", watch=False)
    for stream in ("stdout", "stderr"):
        written = (server.directory / "launcher" / command.launch_key / stream).read_bytes()
        assert b"".join(stored_output(command, stream)) == written
        assert getattr(command, f"{stream}_digest") == digest(written)
    numbers = list(Intake.objects.filter(run=run.pk).order_by("rs").values_list("rs", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    milestones = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.MILESTONE).order_by("id")
    assert [event.data["id"] for event in milestones] == ["M03", "M20", "M21", "M27"]
    assert run.blackout_ms and run.blackout_ms >= 2400


@pytest.mark.threat("T25")
@pytest.mark.asvs("16.5.2")
@pytest.mark.deep
def test_a_worker_killed_in_the_blackout_is_replaced(world: World, server: Server, workers: Workers) -> None:
    run = queue(world)
    first = workers.start()
    wait_for(in_blackout(run))
    first.kill()
    workers.start()
    wait_for(is_over(run))
    check(run, server, epochs=2)


@pytest.mark.deep
def test_a_frozen_worker_that_wakes_up_sends_and_writes_nothing(
    world: World, server: Server, workers: Workers
) -> None:
    run = queue(world)
    first = workers.start()
    wait_for(has_output(run, b"install line 3"))
    first.send_signal(signal.SIGSTOP)
    workers.start()
    wait_for(lambda: Run.objects.get(pk=run.pk).epoch == 2)
    first.send_signal(signal.SIGCONT)
    wait_for(is_over(run))
    check(run, server, epochs=2)
    entries = Intake.objects.filter(run=run.pk).order_by("rs").values_list("epoch", flat=True)
    epochs = [epoch for epoch in entries if epoch is not None]
    assert epochs == sorted(epochs)


@pytest.mark.deep
def test_a_worker_told_to_stop_hands_over_at_once(world: World, server: Server, workers: Workers) -> None:
    run = queue(world)
    first = workers.start()
    wait_for(in_blackout(run))
    first.terminate()
    assert first.wait(20) == 0
    run.refresh_from_db()
    assert (run.owner, run.state) == ("", RunState.RUNNING)
    workers.start()
    wait_for(is_over(run))
    check(run, server, epochs=2)
