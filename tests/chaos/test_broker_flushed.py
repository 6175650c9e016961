"""Redis is emptied all the time while runs are under way, with the guide's users: nothing is lost."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.models import Hmc
from liveupdate.actions.runs import start_run
from liveupdate.models import Run
from liveupdate.procedures.step import Step
from liveupdate.states import RUN_TERMINAL, RunState
from tests.chaos.workers import Workers, wait_for
from tests.integration.engine_world import World, make_world, sh
from tests.redis_server import RedisServer, redis_server
from tests.ssh_server import Server, in_process_server

RUNS = 6


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as running:
        yield running


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


def steps_of(world: World) -> list[Step]:
    """Two steps that leave a line each."""
    return [sh(name, f"sleep 0.3; echo {name} >> ran-{world.lpar.uuid}") for name in "ab"]


@pytest.mark.deep
@pytest.mark.threat("T25")
@pytest.mark.asvs("16.5.2")
@pytest.mark.django_db(transaction=True)
def test_runs_end_as_if_nobody_flushed(
    broker: RedisServer, host: Server, tmp_path: Path, settings: object
) -> None:
    world: World = make_world(host.endpoint(), host.endpoint(name="hmc01"))
    worlds = [world, *(world.neighbour(f"pay{number:02}") for number in range(2, RUNS + 1))]
    assert Hmc.objects.count() == 1
    runs = [start_run(each.approved(each.plan(steps_of(each))).pk) for each in worlds]
    stop, flushed = threading.Event(), 0

    def flush() -> None:
        nonlocal flushed
        with broker.keeper() as keeper:
            while not stop.wait(0.05):
                keeper.flushall()
                flushed += 1

    thread = threading.Thread(target=flush)
    environment = {"BROKER_URL": broker.celery_url("lu-worker"), "REDIS_URL": broker.url("lu-worker")}
    log = tmp_path / "workers.log"
    with contextlib.closing(Workers(log, **environment)) as crew:
        thread.start()
        try:
            crew.start()
            wait_for(lambda: not Run.objects.exclude(state__in=RUN_TERMINAL).exists(), 100)
        finally:
            stop.set()
            thread.join()
    states = [Run.objects.get(pk=run.pk).state for run in runs]
    assert states == [RunState.SUCCEEDED] * RUNS, log.read_text()[-3000:]
    assert [(host.directory / f"ran-{each.lpar.uuid}").read_text() for each in worlds] == ["a\nb\n"] * RUNS
    assert flushed > 20
    assert "NOPERM" not in log.read_text()
