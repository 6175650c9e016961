"""A run that fails says why, in its record, in the ledger and on its page."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import time

import pytest
from django.test import Client

from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.models import Run, StoredDiagnosis
from liveupdate.procedures import step as words
from liveupdate.states import LparState, RunState
from portal.access.models import User
from tests.integration.engine_world import World, make_world, sh
from tests.integration.test_engine_execution import entries
from tests.ssh_server import Server, in_process_server

TERMINAL = """Moving workload to surrogate LPAR.
        Blackout Time started.
1020-311 The state of the LPAR is currently non-checkpointable. Checkpoint should be retried later.
....1430-030 An error occurred while moving the workload.
1430-045 The Live Update operation failed. Initiating log capture.
"""
LOG = """OLVUPDMCR {at}.160 DEBUG mcr_fd_srm_dev - Calling lvup_chckpnt_status(LIVE_UPDATE_TRY)
KLVUPD {at} DEBUG - 6750576/24904167 DENY Blocking entry: procfs open, count: 9
OLVUPDMCR {at}.160 ERROR mcr_sync - Action LU_FREEZE failed in SRM with status 6
"""
PROCESSES = """     UID      PID     PPID   C    STIME    TTY  TIME CMD
    root        1        0   0   Oct 13      -  0:11 /etc/init
  nagios  6750576        1   0 09:14:02      -  0:11 /opt/agent/nmon -f -s 60
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def world(transactional_db: None, server: Server) -> World:
    return make_world(server.endpoint(), server.endpoint(name="hmc01"))


def failed_run(world: World, server: Server, terminal: str, log: str) -> Run:
    """A run whose Live Update printed this, and whose plan brought the log and the processes home."""
    held = {name: server.directory / name for name in ("terminal", "lvupdlog", "ps")}
    for path, text in zip(held.values(), (terminal, log, PROCESSES), strict=True):
        path.write_text(text)
    update = sh("update", f"cat {held['terminal']}; exit 1", kind=words.StepKind.IDEMPOTENT, live_update=True)
    failure = (
        sh("evidence_processes", f"cat {held['ps']}"),
        sh("fetched_lvupdlog", "", action=words.Fetch(str(held["lvupdlog"]), "lvupdlog")),
    )
    run = start_run(world.approved(world.plan([update], failure=failure)).pk)
    execute(run.pk, "w")
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    return run


def found(run: Run) -> list[str]:
    return [row.signature for row in StoredDiagnosis.objects.filter(run=run).order_by("position")]


def page(run: Run, person: str, address: str = "") -> str:
    client = Client()
    client.force_login(User.objects.get(username=person))
    return client.get(address or run.get_absolute_url()).content.decode()


def test_the_root_cause_is_stored_entered_and_shown(world: World, server: Server) -> None:
    run = failed_run(world, server, TERMINAL, LOG.format(at=int(time())))
    assert found(run) == ["P1", "F02", "F01"]
    row = StoredDiagnosis.objects.get(run=run, position=1)
    log = run.commands.get(file_name="lvupdlog").number
    assert (row.lines[0]["command"], row.lines[0]["line"]) == (log, 2)
    assert row.values["pid"] == "6750576"
    assert row.process == "/opt/agent/nmon -f -s 60 (of nagios)"

    terminal, whole = (entry["d"]["found"] for entry in entries(run) if entry["t"] == "run.diagnosis")
    assert [each["signature"] for each in terminal] == ["F32", "F02", "F01"]
    assert whole[0] == {"signature": "P1", "line": {"command": log, "stream": "stdout", "line": 2}}

    shown = page(run, world.operator.username)
    assert "A process holds a file below /proc open" in shown
    assert "ps -p 6750576 -o pid,user,args" in shown and "/opt/agent/nmon -f -s 60" in shown
    cause = "The kernel refused to freeze the partition"
    assert cause in page(run, world.operator.username, run.request.get_absolute_url())
    assert cause in page(run, world.operator.username, f"/lpars/{run.lpar_id}/")
    address = f"{run.get_absolute_url()}commands/{log}/stdout/lines/?line=2"
    assert f"{address}#L2" in shown
    around = page(run, world.operator.username, address)
    assert 'id="L2" class="hit"' in around and "DENY Blocking entry" in around and 'id="L1"' in around


def test_the_log_of_another_update_is_not_judged(world: World, server: Server) -> None:
    old = int(datetime(2021, 1, 8, tzinfo=UTC).timestamp())
    run = failed_run(world, server, TERMINAL.replace("1020-311", "1020-999"), LOG.format(at=old))
    assert found(run) == ["", "F02", "F01"]
    (telling,) = StoredDiagnosis.objects.filter(run=run, signature="")
    assert telling.lines[0]["text"].startswith("1020-999")
    assert "No known trace explains this failure" in page(run, world.operator.username)


def test_the_card_offers_what_the_state_allows_and_says_why_not(world: World, server: Server) -> None:
    run = failed_run(world, server, TERMINAL, LOG.format(at=int(time())))
    world.lpar.update_state = LparState.FAILED_CLEAN
    world.lpar.save()
    again = f"/requests/new/?lpar={world.lpar.pk}&amp;procedure=local_live_update"
    assert again in page(run, world.requester.username)
    assert again not in page(run, world.operator.username)
    world.lpar.update_state = LparState.FAILED_DIRTY
    world.lpar.save()
    shown = page(run, world.requester.username)
    assert again not in shown and "procedure=cleanup" in shown
    assert "Collect the logs and clean up first" in shown


def test_a_run_that_succeeds_has_no_diagnosis(world: World, server: Server) -> None:
    run = start_run(world.approved(world.plan([sh("update", "echo 0513-029 already active")])).pk)
    execute(run.pk, "w")
    assert found(run) == []
    assert "run.diagnosis" not in [entry["t"] for entry in entries(run)]
