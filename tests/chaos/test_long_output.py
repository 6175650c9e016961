"""Commands that print hundreds of megabytes, a million lines, or a byte a second: every byte is kept, the
worker's memory stays flat, and people read it and stop it."""

import contextlib
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from liveupdate.actions.runs import ask_abort, start_run
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import Run
from liveupdate.pages.output_lines import lines_around
from liveupdate.procedures import step as words
from liveupdate.states import RUN_TERMINAL, RunState
from portal.lib.canonical import digest
from tests.chaos.workers import Workers, wait_for
from tests.integration.engine_world import make_world, sh
from tests.ssh_server import Server, in_process_server

MEGABYTES = 200
LINES = 1_000_000
LINE = 100
GROWTH_KIB = 64 * 1024


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


def memory_kib(pid: int, what: str = "VmHWM") -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(rf"{what}:\s+(\d+)", status)[0])


@pytest.mark.threat("T28")
@pytest.mark.deep
@pytest.mark.timeout(400)
@pytest.mark.django_db(transaction=True)
def test_a_long_output_is_kept_and_judged_in_little_memory(server: Server, tmp_path: Path) -> None:
    world = make_world(server.endpoint(), server.endpoint(name="hmc01"))
    count = MEGABYTES * 1_000_000 // LINE
    script = f"seq -f 'installing file number %014.0f {'.' * (LINE - 38)}' 1 {count}; echo the end"
    expect = words.Expect(has=(r"\Ainstalling .* 0+1 ", r"^the end$"), lacks=("1430-045", r"^$\Z."))
    long = sh("long", script, kind=words.StepKind.ONCE, expect=expect, deadline_s=300)
    launcher = str(server.directory / "launcher")
    with contextlib.closing(Workers(tmp_path / "workers.log", PORTAL_LAUNCHER_DIR=launcher)) as crew:
        worker = crew.start()
        first = start_run(world.approved(world.plan([sh("short", "true", kind=words.StepKind.ONCE)])).pk)
        wait_for(is_over(first))
        before = memory_kib(worker.pid)
        run = start_run(world.neighbour("long").approved(world.plan([long])).pk)
        wait_for(is_over(run), 300)
        grown = memory_kib(worker.pid) - before
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED, f"{run.reason} {run.outcome}"
    command = run.commands.get()
    kept = hashlib.sha256()
    for piece in stored_output(command, "stdout"):
        kept.update(piece)
    with (server.directory / "launcher" / command.launch_key / "stdout").open("rb") as written:
        assert kept.hexdigest() == hashlib.file_digest(written, "sha256").hexdigest()
    assert command.stdout_digest == f"sha256:{kept.hexdigest()}"
    assert command.stdout_bytes >= MEGABYTES * 1_000_000
    seconds = (command.ended_at - command.started_at).total_seconds()
    print(f"{command.stdout_bytes / 1e6 / seconds:.1f} MB/s, worker grew by {grown / 1024:.0f} MiB")
    assert grown <= GROWTH_KIB


@pytest.mark.threat("T28")
@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_a_million_lines_are_kept_and_read_in_parts(server: Server, tmp_path: Path) -> None:
    world = make_world(server.endpoint(), server.endpoint(name="hmc01"))
    long = sh("long", f"seq 1 {LINES}", kind=words.StepKind.ONCE, deadline_s=120)
    launcher = str(server.directory / "launcher")
    with contextlib.closing(Workers(tmp_path / "workers.log", PORTAL_LAUNCHER_DIR=launcher)) as crew:
        worker = crew.start()
        first = start_run(world.approved(world.plan([sh("short", "true", kind=words.StepKind.ONCE)])).pk)
        wait_for(is_over(first))
        before = memory_kib(worker.pid)
        run = start_run(world.neighbour("long").approved(world.plan([long])).pk)
        wait_for(is_over(run), 100)
        assert memory_kib(worker.pid) - before <= GROWTH_KIB
    command = run.commands.get()
    printed = "".join(f"{number}\n" for number in range(1, LINES + 1)).encode()
    assert command.stdout_digest == digest(printed)
    shown = lines_around(command, "stdout", LINES // 2)
    assert [line.text for line in shown] == [str(line.number) for line in shown]
    assert LINES // 2 in [line.number for line in shown] and len(shown) < 100
    client = Client()
    client.force_login(world.operator)
    address = reverse("api-output", args=[run.pk, command.number, "stdout"])
    answer = client.get(address, headers={"Range": f"bytes={len(printed) - 16}-"})
    assert (answer.status_code, b"".join(answer)) == (206, printed[-16:])


@pytest.mark.threat("T28")
@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_a_byte_a_second_is_seen_as_it_comes_and_stopped_when_asked(server: Server, tmp_path: Path) -> None:
    world = make_world(server.endpoint(), server.endpoint(name="hmc01"))
    slow = sh("slow", "while :; do printf x; sleep 1; done", kind=words.StepKind.ONCE, deadline_s=3600)
    launcher = str(server.directory / "launcher")
    with contextlib.closing(Workers(tmp_path / "workers.log", PORTAL_LAUNCHER_DIR=launcher)) as crew:
        crew.start()
        run = start_run(world.approved(world.plan([slow])).pk)
        wait_for(lambda: printed_by(run) >= b"x")
        seen = len(printed_by(run))
        wait_for(lambda: len(printed_by(run)) >= seen + 3, 30)
        ask_abort(run.pk, world.operator)
        wait_for(is_over(run), 30)
    run.refresh_from_db()
    assert run.state == RunState.ABORTED, f"{run.reason} {run.outcome}"
    command = run.commands.get()
    written = (server.directory / "launcher" / command.launch_key / "stdout").read_bytes()
    assert printed_by(run) == written
    assert command.stdout_digest == digest(written)


def printed_by(run: Run) -> bytes:
    return b"".join(piece for command in run.commands.all() for piece in stored_output(command, "stdout"))


def is_over(run: Run) -> object:
    return lambda: Run.objects.get(pk=run.pk).state in RUN_TERMINAL | {RunState.NEEDS_PERSON}
