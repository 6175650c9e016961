"""A worker killed at any of its borders: nothing runs twice, no byte is lost, no run is stuck."""

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from liveupdate.actions.runs import Decision, decide, start_run
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import Run, RunCommand
from liveupdate.procedures import step as words
from liveupdate.states import RUN_TERMINAL, RunState
from portal.audit.models import Intake
from portal.lib.canonical import digest
from portal.lib.clock import now
from tests.chaos.workers import ROOT, database_url
from tests.integration.engine_world import World, make_world, sh
from tests.ssh_server import Server, in_process_server

SEED = 20261125
ENOUGH = 20  # deaths at the least, however slow the machine is
ONCE = """echo ran >> truth-{name}
i=0; while [ $i -lt 12 ]; do echo "install line $i"; i=$((i+1)); sleep 0.02; done
i=0; while [ $i -lt 3000 ]; do echo "clean up line $i"; i=$((i+1)); done; echo trouble >&2
echo 'The live update operation succeeded.'"""


@dataclass(frozen=True, slots=True)
class Death:
    """Where a worker dies: before or after the n-th call of a hook."""

    hook: str
    when: str
    nth: int

    def __str__(self) -> str:
        return f"{self.when} {self.hook} {self.nth}"


class Nursery:
    """The process that bears workers."""

    def __init__(self, **env: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            cwd=ROOT, env={**os.environ, **env}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout and self._process.stdout.readline() == "ready\n"

    def execute(self, run: Run, death: Death | None = None) -> dict[str, Any]:
        """Let a worker execute a run; says whether it was killed."""
        order: dict[str, Any] = {"run": run.pk}
        if death:
            order |= {"hook": death.hook, "when": death.when, "nth": death.nth}
        assert self._process.stdin and self._process.stdout
        print(json.dumps(order), file=self._process.stdin, flush=True)
        return dict(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.kill()
        self._process.wait(20)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def world(transactional_db: None, server: Server) -> World:
    return make_world(server.endpoint(), server.endpoint(name="hmc01"))


@pytest.fixture
def nursery(server: Server, world: World) -> Iterator[Nursery]:
    settings = {
        "DATABASE_URL": database_url(),
        "SECRET_KEY": django_settings.SECRET_KEY,
        "BROKER_URL": "memory://",
        "LOG_LEVEL": "CRITICAL",
        "PORTAL_LAUNCHER_DIR": str(server.directory / "launcher"),
        "PORTAL_POLL_S": "0.05",
    }
    with contextlib.closing(Nursery(**settings)) as nursery:
        yield nursery


def queue(world: World, name: str) -> Run:
    """A run with a step of every kind; what must not happen twice writes to truth files."""
    changing, reading = words.StepKind.IDEMPOTENT, sh("level", "echo 7200-05-03-2148; echo read >> reads")
    update = sh("update", ONCE.format(name=name), kind=words.StepKind.ONCE, live_update=True)
    on_hmc = sh("on_hmc", f"echo ran >> hmc-{name}", kind=words.StepKind.ONCE, host=words.StepHost.HMC)
    undo = sh("undo", "rm -f changed", kind=changing, phase=words.Phase.RESTORE, undoes="change")
    steps = [reading, sh("change", "touch changed", kind=changing), update, on_hmc]
    return start_run(world.approved(world.plan(steps, [undo])).pk)


def survive(world: World, server: Server, nursery: Nursery, death: Death | None, name: str) -> dict[str, Any]:
    """Execute a run whose first worker dies, with as many others as it takes; then judge the record."""
    run = queue(world, name)
    first = born = nursery.execute(run, death)
    for _ in range(5):
        run.refresh_from_db()
        if run.state in RUN_TERMINAL | {RunState.NEEDS_PERSON}:
            break
        assert born["killed"], f"{death}: {run.state} after a worker that ended with {born['status']}"
        Run.objects.filter(pk=run.pk).update(lease_until=now() - timedelta(seconds=1))
        born = nursery.execute(run)
    judge(world, server, run, f"{death}: {run.state} {run.reason} {run.outcome}", name)
    return first


def judge(world: World, server: Server, run: Run, story: str, name: str) -> None:
    ran, on_hmc = (server.directory / f"{kind}-{name}" for kind in ("truth", "hmc"))
    assert ran.exists() and ran.read_text() == "ran\n", story
    for command in RunCommand.objects.filter(run=run).exclude(launch_key=""):
        for stream in ("stdout", "stderr"):
            written = (server.directory / "launcher" / command.launch_key / stream).read_bytes()
            assert b"".join(stored_output(command, stream)) == written, story
            assert getattr(command, f"{stream}_digest") == digest(written), story
    numbers = list(Intake.objects.filter(run=run.pk).order_by("rs").values_list("rs", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)), story
    if run.state == RunState.NEEDS_PERSON:
        assert "it may run only once" in run.reason, story
        assert on_hmc.read_text() == "ran\n" if on_hmc.exists() else True, story
        decide(run.pk, world.operator, Decision.CLOSE, "a test")
    else:
        assert run.state == RunState.SUCCEEDED, story
        assert on_hmc.read_text() == "ran\n", story


def deaths(passed: dict[str, int]) -> list[Death]:
    """Every border that an unharmed worker passes, in a random order that is always the same."""
    every = [
        Death(hook, when, nth)
        for hook, count in sorted(passed.items())
        for nth in range(1, count + 1)
        for when in ("before", "after")
    ]
    random.Random(SEED).shuffle(every)
    return every


def test_some_deaths(world: World, server: Server, nursery: Nursery) -> None:
    for number, death in enumerate(
        (Death("send", "after", 3), Death("commit", "before", 6), Death("feed", "after", 5))
    ):
        assert survive(world, server, nursery, death, str(number))["killed"], death


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_every_death(world: World, server: Server, nursery: Nursery, chaos_seconds: float) -> None:
    passed = survive(world, server, nursery, None, "unharmed")["passed"]
    assert set(passed) == {"commit", "send", "receive", "read", "feed", "written"}
    every, killed, until = deaths(passed), 0, time.monotonic() + chaos_seconds
    for number, death in enumerate(every):
        if killed >= ENOUGH and time.monotonic() > until:
            break
        killed += survive(world, server, nursery, death, str(number))["killed"]
    print(f"{killed} workers killed at {len(every)} places, seed {SEED}")
    assert killed >= ENOUGH
