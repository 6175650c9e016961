"""Somebody writes into Redis what they like: a real worker does what the database says, and hears on."""

import contextlib
import json
from pathlib import Path

import pytest

from liveupdate.actions.runs import start_run
from liveupdate.dispatch import TASKS
from liveupdate.models import Approval, Run
from liveupdate.states import RequestState, RunState
from portal.celery import app
from tests.chaos.workers import Workers, wait_for
from tests.forged_messages import FORGED, NO_DOORBELLS, message
from tests.integration.engine_world import World, make_world, sh
from tests.redis_server import RedisServer
from tests.ssh_server import Server

QUEUE = "lu:celery"
NO_SCAN = {"PORTAL_SCAN_S": "3600"}
"""Nothing but a bell lets this worker begin anything."""
REPLAYS = 100
HUGE = json.dumps(message(padding="x" * 10_000_000)).encode()


def ring(broker: RedisServer, run: Run) -> None:
    """As the portal's pages do."""
    with app.connection_for_write(broker.celery_url("lu-web")) as pages:
        app.send_task(TASKS["run"], args=[run.pk], connection=pages, ignore_result=True)


def queued(world: World, *steps: str) -> Run:
    lines = [sh(step, f"echo {world.lpar.uuid} {step} >> ran") for step in steps]
    return start_run(world.approved(world.plan(lines)).pk)


def succeeded(run: Run) -> None:
    wait_for(lambda: Run.objects.get(pk=run.pk).state == RunState.SUCCEEDED, 30)


@pytest.mark.deep
@pytest.mark.threat("T22", "T23", "T24", "T25")
@pytest.mark.asvs("1.5.2", "2.3.1")
@pytest.mark.django_db(transaction=True)
def test_a_worker_hears_on_whatever_is_written_into_redis(
    broker: RedisServer, host: Server, tmp_path: Path
) -> None:
    world = make_world(host.endpoint(), host.endpoint(name="hmc01"))
    unapproved = world.neighbour("pay02").approved(world.plan([sh("never", "echo never >> ran")]))
    Approval.objects.all().delete()
    type(unapproved).objects.update(state=RequestState.SUBMITTED)
    log = tmp_path / "workers.log"
    environment = {"BROKER_URL": broker.celery_url("lu-worker"), "REDIS_URL": broker.url("lu-worker")}
    with contextlib.closing(Workers(log, **environment, **NO_SCAN)) as crew, broker.keeper() as attacker:
        worker = crew.start()
        ended = queued(world, "a", "b")
        ring(broker, ended)
        succeeded(ended)

        forged = [
            each if isinstance(each, bytes) else json.dumps(each).encode() for each in NO_DOORBELLS.values()
        ]
        numbers = (ended.pk, unapproved.pk, 10_000, 2**63 - 1)
        others = [message([pk], task, **more) for pk in numbers for task in TASKS.values() for more in FORGED]
        attacker.lpush(QUEUE, *forged, HUGE, *(json.dumps(each) for each in others))
        honest = queued(world.neighbour("pay03"), "a", "b", "c")
        again = json.dumps(message([honest.pk]))
        attacker.lpush(QUEUE, *[again, json.dumps(message([ended.pk])), b"\x00"] * REPLAYS)
        succeeded(honest)
        wait_for(lambda: not attacker.llen(QUEUE))
        attacker.flushall()

        last = queued(world.neighbour("pay04"), "a")
        ring(broker, last)
        succeeded(last)
        assert worker.poll() is None, log.read_text()[-3000:]
    ran = (host.directory / "ran").read_text().split("\n")
    assert ran == [
        f"{world.lpar.uuid} a",
        f"{world.lpar.uuid} b",
        "pay03 a",
        "pay03 b",
        "pay03 c",
        "pay04 a",
        "",
    ]
    assert Run.objects.count() == 3, "nothing started that nobody approved"
    said = log.read_text()
    assert said.count("is no doorbell, it is dropped") == len(forged) + 1 + REPLAYS
    assert "Traceback" not in said
