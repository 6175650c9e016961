"""A database that goes away while a command runs: nothing is stopped, and the record is whole afterwards."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, connections

from liveupdate.actions.runs import start_run
from liveupdate.engine import overflow
from liveupdate.engine.claim import end_leases
from liveupdate.engine.execution import execute
from liveupdate.engine.overflow import overflow_file
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import Run, RunCommand
from liveupdate.procedures.step import StepKind
from liveupdate.states import RUN_TERMINAL, RunState
from portal.audit.models import Intake
from portal.audit.sealer import seal_now
from portal.audit.verification.whole import verify_ledger
from tests.database_away import database_away, impatient
from tests.integration.engine_world import World, make_world, sh
from tests.small_disk import fill, small_disk
from tests.ssh_server import Server, in_process_server

BYTES = 400_000
PRINTED = b"begin\n" + b"".join(b"%07d\n" % number for number in range(BYTES // 8))
"""What the command prints: after the first line it waits until the database is gone."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def world(
    transactional_db: None, server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    monkeypatch.setattr(overflow, "_budget", overflow._Budget())  # errors that tests keep hold files
    settings.PORTAL_LAUNCHER_DIR = str(server.directory / "launcher")
    settings.PORTAL_LEASE_S = 30.0
    settings.PORTAL_DISK_FLOOR_MB = 0
    with impatient():
        yield make_world(server.endpoint(), server.endpoint(name="hmc01"))


def printing(world: World, server: Server, kind: StepKind, last: str = "exit 0") -> Run:
    """A run whose command tells when it was begun, and goes on when the file `go` is there."""
    go, count = server.directory / "go", server.directory / "executions"
    script = (
        f"echo x >> {count}; echo begin; while [ ! -e {go} ]; do sleep 0.05; done; "
        f"seq -f %07.0f 0 {BYTES // 8 - 1}; {last}"
    )
    return start_run(world.approved(world.plan([sh("print", script, kind=kind)])).pk)


def in_thread(run: Run) -> tuple[threading.Thread, list[Exception]]:
    """Execute as a worker does that loses its database: what it raises is told."""
    raised: list[Exception] = []

    def work() -> None:
        try:
            execute(run.pk, "w1")
        except DatabaseError as error:
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread, raised


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def again(run: Run) -> Run:
    """What the scan of a worker does after the lease has run out, until the run is over."""
    while not is_over(run):
        end_leases("w", besides="")
        execute(run.pk, "w2")
    return Run.objects.get(pk=run.pk)


def is_over(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, state__in=[*RUN_TERMINAL, RunState.NEEDS_PERSON]).exists()


def lose_database_while(run: Run, server: Server, kept: Callable[[], bool] | None = None) -> list[Exception]:
    """Let the database be away until what the test waits for is there, or the command has ended."""
    thread, raised = in_thread(run)
    until(lambda: RunCommand.objects.filter(run=run, stdout_bytes=6).exists())
    with database_away():
        (server.directory / "go").touch()
        until(kept or (lambda: not thread.is_alive()))
    thread.join(60)
    assert not thread.is_alive()
    return raised


def executions(server: Server) -> int:
    return len((server.directory / "executions").read_text().split())


def check_record(run: Run, expected: bytes) -> None:
    run = again(run)
    assert run.state == RunState.SUCCEEDED, run.reason or run.outcome
    command = run.commands.get()
    assert (command.state, command.status) == (RunCommand.State.ENDED, 0)
    printed = b"".join(stored_output(command, "stdout"))
    assert hashlib.sha256(printed).hexdigest() == hashlib.sha256(expected).hexdigest()
    assert not overflow_file(command).exists()
    seal_now()
    report = verify_ledger()
    assert report.ok, report.first_bad


def test_a_command_that_ends_meanwhile_is_recorded_from_the_spool(world: World, server: Server) -> None:
    run = printing(world, server, StepKind.READ)
    file = overflow_file(RunCommand(run_id=run.pk, number=1))
    raised = lose_database_while(run, server, lambda: file.exists() and b'{"end":' in file.read_bytes())
    assert raised
    assert file.stat().st_mode & 0o777 == 0o600
    check_record(run, PRINTED)
    assert executions(server) == 1
    replays = Intake.objects.filter(event="spool.replay", run=run.pk).values_list("content", flat=True)
    told = [json.loads(bytes(content))["d"] for content in replays]
    assert {replay["command"] for replay in told} == {1}
    assert sum(replay["bytes"] for replay in told) == len(PRINTED) - 6, "all but what was stored before"


def test_a_launched_command_goes_on_and_loses_nothing(world: World, server: Server) -> None:
    run = printing(world, server, StepKind.ONCE)
    file = overflow_file(RunCommand(run_id=run.pk, number=1))
    lose_database_while(run, server, lambda: file.exists() and file.stat().st_size > 100_000)
    check_record(run, PRINTED)
    assert executions(server) == 1


def test_a_launched_command_waits_on_its_target_for_a_full_spool(
    world: World, server: Server, tmp_path: Path
) -> None:
    run = printing(world, server, StepKind.ONCE)
    with small_disk(tmp_path / "spool") as disk:
        thread, _ = in_thread(run)
        until(lambda: RunCommand.objects.filter(run=run, stdout_bytes=6).exists())
        ballast = fill(disk)
        with database_away():
            (server.directory / "go").touch()
            time.sleep(1.5)
        thread.join(60)
        ballast.unlink()
        check_record(run, PRINTED)
    assert executions(server) == 1
    assert "gap" not in json.dumps(outs(run))


@pytest.mark.parametrize("bound", ["setting", "disk"])
def test_what_a_full_spool_drops_is_said_with_its_digest(
    world: World, server: Server, tmp_path: Path, settings: Any, bound: str
) -> None:
    run = printing(world, server, StepKind.READ)
    with small_disk(tmp_path / "spool", 600 if bound == "setting" else 300) as disk:
        settings.PORTAL_SPOOL_MB = 0.1 if bound == "setting" else 64.0
        assert lose_database_while(run, server)
        fill(disk)
        again(run)
    check_gaps(run, PRINTED)


def test_what_was_dropped_is_said_though_contact_is_lost_meanwhile(
    world: World, server: Server, tmp_path: Path, settings: Any
) -> None:
    count = server.directory / "executions"
    run = printing(world, server, StepKind.READ, last=f"[ $(wc -l < {count}) -gt 1 ] || sleep 60")
    settings.PORTAL_SPOOL_MB = 0.1
    thread, raised = in_thread(run)
    until(lambda: RunCommand.objects.filter(run=run, stdout_bytes=6).exists())
    file = overflow_file(RunCommand(run_id=run.pk, number=1))
    with database_away():
        (server.directory / "go").touch()
        until(lambda: file.exists() and file.stat().st_size > 50_000)
        time.sleep(1)
        server.drop_connections()
        thread.join(60)
    assert raised and b'"gap":' in file.read_bytes()
    again(run)
    command = RunCommand.objects.get(run=run, number=1)
    assert command.state == RunCommand.State.UNKNOWN
    check_gaps(run, PRINTED[: command.stdout_bytes])
    assert run.commands.count() == executions(server) == 2


def check_gaps(run: Run, came: bytes) -> None:
    """The record of the first command holds what came, or says that it was dropped, with its digest."""
    gaps = [out["gap"] for out in outs(run) if "gap" in out]
    assert gaps
    kept, at = b"", 0
    for gap in gaps:
        dropped = came[gap["from"] : gap["to"]]
        assert gap["digest"] == "sha256:" + hashlib.sha256(dropped).hexdigest()
        kept, at = kept + came[at : gap["from"]], gap["to"]
    kept += came[at:]
    command = RunCommand.objects.get(run=run, number=1)
    assert b"".join(stored_output(command, "stdout")) == kept
    assert command.stdout_bytes == len(came)
    assert Intake.objects.filter(event="run.alarm", run=run.pk).count() == len(gaps)
    assert Intake.objects.filter(event="cmd.out", run=run.pk, outcome="failed").count() == len(gaps)
    seal_now()
    assert verify_ledger().ok


def outs(run: Run) -> list[dict[str, Any]]:
    rows = Intake.objects.filter(event="cmd.out", run=run.pk).order_by("rs").values_list("content", flat=True)
    entries = [json.loads(bytes(content))["d"] for content in rows]
    return [entry for entry in entries if entry["command"] == 1]


def test_a_commit_whose_answer_is_lost_is_never_made_twice(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapper, fault = type(connections["default"]), {"left": 0}
    real = wrapper._commit

    def commit(self: Any) -> Any:
        done = real(self)
        fault["left"] -= 1
        if fault["left"] == 0:
            raise OperationalError("the connection was lost after the commit")
        return done

    monkeypatch.setattr(wrapper, "_commit", commit)
    count = server.directory / "executions"
    number = 0
    while fault["left"] <= 0:
        number += 1
        steps = [
            sh("read", "seq 1 2000"),
            sh("once", f"echo {number} >> {count}; seq 1 2000", kind=StepKind.ONCE),
        ]
        run = start_run(world.approved(world.plan(steps)).pk)
        fault["left"] = number
        try:
            execute(run.pk, "w1")
        except DatabaseError:
            connection.close()
        run = again(run)
        assert run.state == RunState.SUCCEEDED, (number, run.reason or run.outcome)
        once = run.commands.get(step__key="once")
        expected = "".join(f"{line}\n" for line in range(1, 2001)).encode()
        assert b"".join(stored_output(once, "stdout")) == expected
        numbers = list(Intake.objects.filter(run=run.pk).order_by("rs").values_list("rs", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
    assert count.read_text().split() == [str(each) for each in range(1, number + 1)]
    print(f"{number - 1} commits whose answer was lost")
    fault["left"] = 0
    seal_now()
    assert verify_ledger().ok
