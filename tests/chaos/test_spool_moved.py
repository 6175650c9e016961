"""A worker dies while the database is away: its disk, brought to another machine, gives everything back."""

import contextlib
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from liveupdate.actions.runs import start_run
from liveupdate.engine.claim import end_leases
from liveupdate.engine.execution import execute
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import Run, RunCommand
from liveupdate.procedures.step import StepKind
from liveupdate.states import RunState
from portal.audit.models import Intake
from portal.audit.sealer import seal_now
from portal.audit.verification.whole import verify_ledger
from tests.chaos.workers import Workers, wait_for
from tests.database_away import database_away
from tests.integration.engine_world import make_world, sh
from tests.ssh_server import Server, in_process_server

PRINTED = b"begin\n" + b"".join(b"%07d\n" % number for number in range(50_000))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.mark.deep
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
def test_output_of_a_killed_worker_comes_into_the_record_from_another_machine(
    server: Server, tmp_path: Path, settings: Any
) -> None:
    died, brought, here = (tmp_path / name for name in ("died", "brought", "here"))
    world = make_world(server.endpoint(), server.endpoint(name="hmc01"))
    go, count = server.directory / "go", server.directory / "executions"
    script = (
        f"echo x >> {count}; echo begin; while [ ! -e {go} ]; do sleep 0.05; done; "
        "seq -f %07.0f 0 49999; exit 0"
    )
    run = start_run(world.approved(world.plan([sh("print", script, kind=StepKind.READ)])).pk)
    kept = died / "output" / f"run-{run.pk}-command-1.log"
    with contextlib.closing(Workers(tmp_path / "workers.log", PORTAL_SPOOL_DIR=str(died))) as crew:
        worker = crew.start()
        wait_for(lambda: RunCommand.objects.filter(run=run, stdout_bytes=6).exists(), 120)
        with database_away():
            go.touch()
            wait_for(lambda: kept.exists() and b'{"end":' in kept.read_bytes(), 120)
            worker.kill()
            worker.wait()
    died.rename(brought)
    before = {path: path.read_bytes() for path in brought.rglob("*.log")}
    settings.PORTAL_SPOOL_DIR = str(here)

    call_command("spool_reconcile", brought=brought)
    taken = [path.name for path in (here / "output").iterdir()]
    call_command("spool_reconcile", brought=brought)
    assert [path.name for path in (here / "output").iterdir()] == taken == [kept.name]
    end_leases("", besides="")
    execute(run.pk, "w2")

    run = Run.objects.get(pk=run.pk)
    assert run.state == RunState.SUCCEEDED, run.reason or run.outcome
    command = run.commands.get()
    printed = b"".join(stored_output(command, "stdout"))
    assert hashlib.sha256(printed).digest() == hashlib.sha256(PRINTED).digest()
    assert count.read_text() == "x\n", "nothing was done twice"
    entered = Intake.objects.filter(run=run.pk).count()
    call_command("spool_reconcile", brought=brought)
    assert not list((here / "output").iterdir()), "what is in the record is not taken again"
    assert Intake.objects.filter(run=run.pk).count() == entered
    assert {path: path.read_bytes() for path in brought.rglob("*.log")} == before
    seal_now()
    assert verify_ledger().ok
    shutil.rmtree(brought)
