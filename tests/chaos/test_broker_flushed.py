"""Redis loses everything, again and again, while runs are under way: they end as if it had not."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from liveupdate.actions.runs import start_run
from liveupdate.models import Run
from liveupdate.states import RUN_TERMINAL, RunState
from tests.chaos.workers import Workers, wait_for
from tests.integration.engine_world import make_world, sh
from tests.redis_server import RedisServer
from tests.ssh_server import Server

RUNS = 6
BETWEEN_S = 0.05


@contextlib.contextmanager
def emptied_all_the_time(broker: RedisServer) -> Iterator[list[int]]:
    """Flushes until the end; the list has one number for each."""
    stop, flushed = threading.Event(), []

    def flush() -> None:
        while not stop.wait(BETWEEN_S):
            with contextlib.suppress(redis.ConnectionError), broker.keeper() as keeper:
                keeper.flushall()
                flushed.append(len(flushed))

    thread = threading.Thread(target=flush)
    thread.start()
    try:
        yield flushed
    finally:
        stop.set()
        thread.join()


@pytest.mark.deep
@pytest.mark.threat("T25")
@pytest.mark.asvs("16.5.2")
@pytest.mark.django_db(transaction=True)
def test_runs_end_as_if_redis_had_lost_nothing(broker: RedisServer, host: Server, tmp_path: Path) -> None:
    """It is emptied every 50 ms, and killed and started again when the first run is under way."""
    world = make_world(host.endpoint(), host.endpoint(name="hmc01"))
    worlds = [world, *(world.neighbour(f"pay{number:02}") for number in range(2, RUNS + 1))]
    for each in worlds:
        steps = [sh(name, f"sleep 0.5; echo {name} >> ran-{each.lpar.uuid}") for name in "ab"]
        start_run(each.approved(each.plan(steps)).pk)
    log = tmp_path / "workers.log"
    environment = {"BROKER_URL": broker.celery_url("lu-worker"), "REDIS_URL": broker.url("lu-worker")}
    with (
        contextlib.closing(Workers(log, PORTAL_LEASE_S="20", **environment)) as crew,
        emptied_all_the_time(broker) as flushed,
    ):
        worker = crew.start()
        wait_for(Run.objects.filter(state=RunState.RUNNING).exists)
        broker.kill()
        broker.start()
        wait_for(lambda: not Run.objects.exclude(state__in=RUN_TERMINAL).exists())
        assert worker.poll() is None, log.read_text()[-3000:]
    assert len(flushed) > 20
    ended = list(Run.objects.order_by("pk"))
    assert [(run.state, run.epoch) for run in ended] == [(RunState.SUCCEEDED, 1)] * RUNS
    assert [(host.directory / f"ran-{each.lpar.uuid}").read_text() for each in worlds] == ["a\nb\n"] * RUNS
    assert "NOPERM" not in log.read_text()
