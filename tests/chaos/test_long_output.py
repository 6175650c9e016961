"""A command that prints hundreds of megabytes: every byte is kept, and the worker's memory stays flat."""

import contextlib
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from liveupdate.actions.runs import start_run
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import Run
from liveupdate.procedures import step as words
from liveupdate.states import RUN_TERMINAL, RunState
from tests.chaos.workers import Workers, wait_for
from tests.integration.engine_world import make_world, sh
from tests.ssh_server import Server, in_process_server

MEGABYTES = 200
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


def is_over(run: Run) -> object:
    return lambda: Run.objects.get(pk=run.pk).state in RUN_TERMINAL | {RunState.NEEDS_PERSON}
