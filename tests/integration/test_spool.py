"""What is about to be sent lies on a second device first; without that nothing is sent, and runs wait."""

import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from liveupdate.actions.gates import why_not_start
from liveupdate.actions.runs import start_run
from liveupdate.actions.starting import do_start
from liveupdate.engine.execution import execute
from liveupdate.models import Request, Run, RunCommand
from liveupdate.procedures.step import StepKind
from liveupdate.states import RequestState, RunState
from portal.audit.models import Intake, Verification
from portal.audit.sealer import seal_now
from portal.audit.spool.copies import EntrySpool
from portal.audit.spool.place import SpoolFailed
from portal.audit.spool.reading import copies_in, days_in
from portal.audit.verification.whole import keep, verify_ledger
from portal.lib.clock import now
from tests.conftest import remove_triggers
from tests.integration.engine_world import World, make_world, sh
from tests.small_disk import fill, small_disk
from tests.ssh_server import Server, in_process_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def world(transactional_db: None, server: Server, settings: Any) -> World:
    settings.PORTAL_LAUNCHER_DIR = str(server.directory / "launcher")
    return make_world(server.endpoint(), server.endpoint(name="hmc01"))


@pytest.fixture
def disk(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The spool on a disk of 64 KiB; what must stay free is nothing, so that only its faults count."""
    settings.PORTAL_DISK_FLOOR_MB = 0
    with small_disk(tmp_path / "spool") as place:
        yield place


def copied(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(copy.content) for day in days_in(directory) for copy in copies_in(day)]


def run_of(world: World, *steps: Any) -> Run:
    return Run.objects.get(pk=start_run(world.approved(world.plan(list(steps))).pk).pk)


def entered(kind: str) -> list[dict[str, Any]]:
    rows = Intake.objects.filter(event=kind).order_by("id")
    return [json.loads(bytes(content)) for content in rows.values_list("content", flat=True)]


@pytest.mark.parametrize("kind", [StepKind.READ, StepKind.ONCE])
def test_the_command_itself_finds_its_intent_in_the_spool(
    world: World, settings: Any, kind: StepKind
) -> None:
    script = f'grep -rhac \'"do":"run"\' {settings.PORTAL_SPOOL_DIR}/entries; echo found'
    run = run_of(world, sh("first", "true"), sh("look", script, kind=kind))
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED, run.reason or run.outcome
    command = run.commands.get(step__key="look")
    printed = b"".join(bytes(row.content) for row in command.output.order_by("offset"))
    assert printed == b"2\nfound\n"


def test_the_spool_holds_what_the_run_entered_and_only_its_account_may_read_it(
    world: World, settings: Any
) -> None:
    run = run_of(world, sh("one", "echo 1"), sh("two", "echo 2"))
    execute(run.pk, "w1")
    spool = Path(settings.PORTAL_SPOOL_DIR)
    found = {entry["id"] for entry in copied(spool)}
    said = {json.loads(bytes(row.content))["id"] for row in Intake.objects.filter(run=run.pk, rs__gt=1)}
    assert {entry["id"] for entry in entered("cmd.intent")} <= found <= said
    assert {"cmd.end", "step.end", "run.end"} <= {entry["t"] for entry in copied(spool)}
    for path in (spool, *spool.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_full_spool_holds_the_run_and_room_lets_it_go_on(world: World, server: Server, disk: Path) -> None:
    run = run_of(world, sh("one", "echo once", kind=StepKind.ONCE))
    ballast = fill(disk)
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert (run.state, run.owner, server.commands) == (RunState.RUNNING, "", [])
    assert "No space left on device" in run.reason
    assert [entry["d"]["code"] for entry in entered("cmd.unsent")] == ["spool_unwritable"]
    assert entered("run.pause")[-1]["d"]["code"] == "spool_unwritable"
    ballast.unlink()
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED, run.reason or run.outcome
    states = list(run.commands.order_by("number").values_list("state", flat=True))
    assert states == [RunCommand.State.UNSENT, RunCommand.State.ENDED]
    seal_now()
    assert verify_ledger().ok


def test_a_disk_below_its_floor_holds_before_anything_is_entered(
    world: World, server: Server, disk: Path, settings: Any
) -> None:
    run = run_of(world, sh("one", "true"))
    settings.PORTAL_DISK_FLOOR_MB = 1
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert (run.state, server.commands, entered("cmd.intent")) == (RunState.QUEUED, [], [])
    assert "must stay free" in run.reason
    settings.PORTAL_DISK_FLOOR_MB = 0
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED


def test_a_spool_lost_between_two_steps_holds_the_second(world: World, server: Server, disk: Path) -> None:
    run = run_of(world, sh("one", f"cat /dev/zero > {disk}/ballast; true"), sh("two", "echo two"))
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert (run.state, run.owner) == (RunState.RUNNING, "")
    assert not any("echo two" in line for line in server.commands)
    (disk / "ballast").unlink()
    execute(run.pk, "w2")
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED
    assert [step.state for step in run.steps.all()] == ["succeeded", "succeeded"]


def test_a_spool_without_room_holds_a_request_with_its_reason(
    world: World, disk: Path, settings: Any
) -> None:
    request = world.approved(world.plan([sh("one", "true")]))
    settings.PORTAL_DISK_FLOOR_MB = 1
    do_start(request.pk, "w1")
    request.refresh_from_db()
    assert [reason.code for reason in request.holds] == ["disk_low"]
    assert not Run.objects.exists()


def red_verification() -> None:
    Verification.objects.create(
        finished_at=now(), ok=False, size=1, root="00", first_bad="Entry 0 was altered.", seconds=0
    )


def old_entries() -> None:
    """An hour passes without a sealer; the owner of the database makes it pass at once."""
    remove_triggers(connection)
    with connection.cursor() as cursor:
        past = "datetime(at, '-1 hour')" if connection.vendor == "sqlite" else "at - interval '1 hour'"
        cursor.execute(f"UPDATE ledger_intake SET at = {past}")
    from portal.audit import triggers

    triggers.install(connection)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (red_verification, "ledger_bad"),
        (lambda: remove_triggers(connection), "ledger_bad"),
        (old_entries, "ledger_unsigned"),
    ],
)
def test_what_is_wrong_with_the_ledger_holds_requests_and_runs(
    world: World, server: Server, fault: Any, code: str
) -> None:
    request = world.approved(world.plan([sh("one", "true")]))
    run = Run.objects.get(pk=start_run(request.pk).pk)
    fault()
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert (run.state, run.owner, server.commands) == (RunState.QUEUED, "", [])
    assert run.reason
    Request.objects.filter(pk=request.pk).update(state=RequestState.APPROVED)
    request.refresh_from_db()
    assert why_not_start(request)[0].code == code


def test_a_run_under_way_is_followed_whatever_is_wrong(world: World) -> None:
    run = run_of(world, sh("one", "sleep 1; echo done", kind=StepKind.ONCE))
    thread = threading.Thread(target=_execute, args=(run.pk,))
    thread.start()
    while not RunCommand.objects.filter(state=RunCommand.State.STARTED).exists():
        assert thread.is_alive()
    red_verification()
    thread.join()
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED


def _execute(run_id: int) -> None:
    try:
        execute(run_id, "w1")
    finally:
        connection.close()


def test_a_database_that_takes_no_changes_is_told(world: World) -> None:
    request = world.approved(world.plan([sh("one", "true")]))
    read_only = (
        "PRAGMA query_only = " if connection.vendor == "sqlite" else "SET default_transaction_read_only = "
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{read_only} ON")
        try:
            assert "ledger_read_only" in [reason.code for reason in why_not_start(request)]
            with pytest.raises(Exception, match=r"read-?only"):
                do_start(request.pk, "w1")
        finally:
            cursor.execute(f"{read_only} OFF")
    assert not Run.objects.exists()


def test_writers_that_come_together_share_one_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    syncs, real = [], os.fdatasync

    def slow(handle: int) -> None:
        syncs.append(handle)
        real(handle)

    monkeypatch.setattr(os, "fdatasync", slow)
    spool, begin = EntrySpool(tmp_path), threading.Barrier(16)

    def write(number: int) -> None:
        begin.wait()
        for each in range(10):
            spool.keep([b'{"d":{"n":%d}}' % (number * 10 + each)], durably=True)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entry["d"]["n"] for entry in copied(tmp_path)) == list(range(160))
    print(f"160 copies by 16 writers: {len(syncs)} fsyncs")
    assert len(syncs) < 160


def test_after_a_failed_write_a_new_file_begins_and_nothing_is_taken_for_written(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        spool = EntrySpool(disk)
        spool.keep([b'{"d":1}'], durably=True)
        ballast = fill(disk)
        with pytest.raises(SpoolFailed, match="No space left"):
            spool.keep([b'{"d":"%s"}' % (b"x" * 65_000)], durably=True)
        ballast.unlink()
        spool.keep([b'{"d":2}'], durably=True)
        assert sorted(entry["d"] for entry in copied(disk)) == [1, 2]


def test_a_bad_verification_that_was_mended_lets_go_again(world: World) -> None:
    run = run_of(world, sh("one", "true"))
    red_verification()
    execute(run.pk, "w1")
    seal_now()
    keep(verify_ledger())
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED
