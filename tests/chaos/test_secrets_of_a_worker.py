"""What a worker is given and what it types stands in no queue, spool, log, report or list of processes."""

import contextlib
import io
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from inventory.models import Credential
from liveupdate.actions.runs import start_run
from liveupdate.models import Run
from liveupdate.procedures import step as words
from liveupdate.states import RUN_TERMINAL, RunState
from portal.audit.sealer import seal_now
from portal.lib.clock import now
from tests.chaos.workers import Workers, wait_for
from tests.integration.engine_world import make_world, sh
from tests.integration.test_security_secrets import dump, files, found
from tests.redis_server import PASSWORDS, RedisServer
from tests.ssh_server import Server

TYPED = {"hmc-client": "kanari-7vogel'und", "powervc": 'kanari"8nest-pfad'}
MAIL_PASSWORD = "kanari-9mail"
ASKS = """printf "password: "; read -r p; echo; echo "out $p"; echo "err $p" >&2; sleep 1"""


def processes(worker: int) -> Iterator[tuple[str, str]]:
    """The command line of every process, and the environment of all but the worker."""
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", *(["environ"] if process.name != str(worker) else [])):
            with contextlib.suppress(OSError):
                yield f"{process}/{name}", (process / name).read_bytes().decode("utf-8", "replace")


def queued(broker: RedisServer) -> Iterator[tuple[str, str]]:
    """Every key of Redis with what it holds."""
    with broker.keeper() as keeper:
        for key in keeper.scan_iter():
            held = keeper.dump(key) or b""
            yield f"redis {key!r}", f"{key!r} {held.decode('utf-8', 'replace')}"


@contextlib.contextmanager
def looked_at_all_the_time(worker: int, broker: RedisServer) -> Iterator[dict[str, str]]:
    """What processes and Redis show meanwhile: all that was ever seen, and where."""
    stop, seen = threading.Event(), dict[str, str]()

    def look() -> None:
        while not stop.wait(0.05):
            for place, text in (*processes(worker), *queued(broker)):
                seen.setdefault(text, place)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


@pytest.mark.deep
@pytest.mark.threat("T8", "T9")
@pytest.mark.asvs("13.3.1", "16.2.5")
@pytest.mark.django_db(transaction=True)
def test_nothing_that_a_worker_knows_is_seen_elsewhere(
    broker: RedisServer, host: Server, tmp_path: Path
) -> None:
    world = make_world(host.endpoint(), host.endpoint(name="hmc01"))
    steps = []
    for name in TYPED:
        Credential.objects.create(name=name, reference=f"env:KANARI_{name.upper().replace('-', '_')}")
        asking = sh(name, ASKS).action
        assert isinstance(asking, words.Run)
        answer = words.Answer(asking.command, (words.Prompt("password: $", name),))
        steps.append(sh(name, "", action=answer, kind=words.StepKind.IDEMPOTENT))
    log = tmp_path / "workers.log"
    crew = Workers(
        log,
        BROKER_URL=broker.celery_url("lu-worker"),
        REDIS_URL=broker.url("lu-worker"),
        EMAIL_URL=f"smtp://kanari:{MAIL_PASSWORD}@127.0.0.1:9",
        LOG_LEVEL="DEBUG",
        **{f"KANARI_{name.upper().replace('-', '_')}": secret for name, secret in TYPED.items()},
    )
    with contextlib.closing(crew):
        worker = crew.start()
        with looked_at_all_the_time(worker.pid, broker) as seen:
            run = start_run(world.approved(world.plan(steps)).pk)
            wait_for(lambda: Run.objects.filter(pk=run.pk, state__in=RUN_TERMINAL).exists())
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED, log.read_text()[-3000:]
    seal_now()
    begin, end = (f"{now() + timedelta(days=days):%Y-%m-%d}" for days in (0, 1))
    (tmp_path / "reports").mkdir()
    for form in ("json", "pdf"):
        argv = ("report", "compliance", "--from", begin, "--to", end, "--format", form)
        to = str(tmp_path / "reports" / f"report.{form}")
        call_command(*argv, "--out", to, stdout=io.StringIO(), stderr=io.StringIO())

    secrets = {**TYPED, "mail": MAIL_PASSWORD, "broker": PASSWORDS["lu-worker"]}
    places = [
        *((place, text) for text, place in seen.items()),
        *dump(),
        *files(Path(settings.PORTAL_SPOOL_DIR)),
        *files(tmp_path / "reports"),
        ("log", log.read_text()),
    ]
    assert {where.partition(" ")[0] for where in seen.values()} & {"redis"}, "Redis was looked at"
    assert any("out •" in text or "out " in text for _, text in places)
    assert found(secrets, iter(places)) == []
