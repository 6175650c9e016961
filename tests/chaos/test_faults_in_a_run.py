"""Hosts, HMC and database fail while the real plan runs on the lab.

After every fault: the update was started once, the record holds what the target wrote byte for byte,
the run is over or with a person within a minute, and the ledger verifies.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from inventory.lab.estate import RunningLab
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import Run, RunCommand, RunEvent
from liveupdate.states import RUN_TERMINAL, RunState
from portal.audit.sealer import seal_now
from portal.audit.verification.whole import verify_ledger
from tests.chaos.workers import Workers, wait_for

pytestmark = [pytest.mark.deep, pytest.mark.timeout(240)]
SUCCEEDED = {RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE}
PERSON = {RunState.NEEDS_PERSON}
SETTLES_S = 60.0
Act = Callable[[RunningLab], None]


def for_a_while(host: str, fault: str, seconds: float = 8.0) -> Act:
    def act(lab: RunningLab) -> None:
        lab.fault(host, fault)
        if fault in ("refuse", "hang", "wrong_status"):
            lab.fault(host, "drop_connections")
        time.sleep(seconds)
        lab.clear(host, fault)

    return act


def at_once(host: str, *faults: str) -> Act:
    def act(lab: RunningLab) -> None:
        for fault in faults:
            name, _, value = fault.partition("=")
            lab.fault(host, name, value)

    return act


def again_and_again(lab: RunningLab) -> None:
    for _ in range(6):
        lab.fault("pay01", "drop_connections")
        time.sleep(0.7)


def locked_database(lab: RunningLab) -> None:
    if connection.vendor == "sqlite":
        held = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        time.sleep(10)
        held.execute("ROLLBACK")
        held.close()
        return
    with connection.cursor() as cursor:
        for _ in range(5):
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            time.sleep(1)


@dataclass(frozen=True)
class Trouble:
    name: str
    at: str
    act: Act
    ends: set[RunState]
    updates: int = 1


TROUBLES = [
    Trouble("cut off before the point of no return", "M01", at_once("pay01", "drop_connections"), SUCCEEDED),
    Trouble("cut off in the blackout", "M20", at_once("pay01", "drop_connections"), SUCCEEDED),
    Trouble("cut off again and again", "M08", again_and_again, SUCCEEDED),
    Trouble("refuses in the move", "M19", for_a_while("pay01", "refuse"), SUCCEEDED),
    Trouble("hangs in the install", "M01", for_a_while("pay01", "hang"), SUCCEEDED),
    Trouble("hangs in the blackout", "M20", for_a_while("pay01", "hang"), SUCCEEDED),
    Trouble("reboots before the point of no return", "M01", at_once("pay01", "reboot"), PERSON),
    Trouble(
        "shows another host key", "M08", at_once("pay01", "changed_host_key", "drop_connections"), PERSON
    ),
    Trouble("reports no exit statuses", "M01", for_a_while("pay01", "wrong_status"), SUCCEEDED),
    Trouble("reports wrong exit statuses", "M01", at_once("pay01", "wrong_status=7"), SUCCEEDED | PERSON),
    Trouble("its disk is full in the install", "M01", for_a_while("pay01", "disk_full"), SUCCEEDED | PERSON),
    Trouble(
        "the HMC goes away", "M13", for_a_while("hmc01", "hmc_down"), SUCCEEDED | {RunState.FAILED} | PERSON
    ),
    Trouble("the HMC refuses the portal", "M08", for_a_while("hmc01", "refuse"), SUCCEEDED),
    Trouble("the database is away", "M08", locked_database, SUCCEEDED),
    Trouble("the database is away in the blackout", "M20", locked_database, SUCCEEDED),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_a_run_survives(trouble: Trouble, lab: RunningLab, run: Run, workers: Workers) -> None:
    workers.start()
    lab.speed(60)
    wait_for(reached(run, trouble.at), 90)
    lab.speed(10)
    acting = threading.Thread(target=trouble.act, args=(lab,))
    acting.start()
    acting.join()
    connection.close()  # which the trouble may have broken
    lab.speed(200)
    over_at = time.monotonic()
    wait_for(lambda: is_over(run), SETTLES_S)
    run.refresh_from_db()
    print(
        f"{trouble.name}: {run.state} after {time.monotonic() - over_at:.1f} s. {run.reason or run.outcome}"
    )
    lab.clear()
    assert run.state in trouble.ends, f"{run.state}: {run.reason} {run.outcome}"
    check_record(lab, run, trouble.updates)


def reached(run: Run, name: str) -> Callable[[], Any]:
    return RunEvent.objects.filter(run=run, kind=RunEvent.Kind.MILESTONE, data__id=name).exists


def is_over(run: Run) -> bool:
    return Run.objects.get(pk=run.pk).state in RUN_TERMINAL | PERSON


def check_record(lab: RunningLab, run: Run, updates: int) -> None:
    """Nothing twice, nothing lost, no signal, a ledger that verifies."""
    assert len([one for one in lab.ran("pay01", "geninstall") if "-Y" in one["argv"]]) == updates
    for command in RunCommand.objects.filter(run=run).exclude(launch_key=""):
        for stream in ("stdout", "stderr"):
            [path] = lab.directory.glob(f"hosts/pay01/**/lu-portal/{command.launch_key}/{stream}")
            written, stored = path.read_bytes(), b"".join(stored_output(command, stream))
            whole = command.state == RunCommand.State.ENDED
            assert stored == (written if whole else written[: len(stored)])
    truth = (lab.directory / "hosts/pay01/truth.log").read_text().splitlines()
    shells = [json.loads(line)["text"] for line in truth if '"event":"shell"' in line]
    assert not [text for text in shells if "signal_group" in text]
    seal_now()
    report = verify_ledger()
    assert report.ok, report.first_bad
