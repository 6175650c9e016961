"""The runner starts again what dies, and gives up on what cannot start."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inventory.models import Credential
from portal.runner import processes, supervisor
from portal.runner.supervisor import Child, ChildFailed, Supervisor


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def crew(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    env = {**os.environ, "SECRET_KEY": "s3cret", "HMC_PASSWORD": "abc123"}
    with contextlib.closing(_Closing(Supervisor(tmp_path, env, said.append))) as closing:
        yield closing.supervisor


class _Closing:
    def __init__(self, running: Supervisor) -> None:
        self.supervisor = running

    def close(self) -> None:
        self.supervisor.stop()


def child(name: str, program: str, **more: frozenset[str]) -> Child:
    return Child(name, (sys.executable, "-c", program), lambda: True, **more)


def until(crew: Supervisor, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        crew.tend_for(0.05)


def alive(crew: Supervisor) -> bool:
    return all(one.process.poll() is None and one.again_at is None for one in crew.running)


def test_a_killed_process_is_started_again_as_often_as_it_is_killed(
    crew: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "SETTLED_S", 0.0)
    monkeypatch.setattr(supervisor, "BACKOFF_S", (0.0,))
    crew.start(child("worker", "import time; time.sleep(60)"))
    pids = set()
    for _ in range(5):
        crew.tend()
        [one] = crew.running
        pids.add(one.process.pid)
        os.kill(one.process.pid, signal.SIGKILL)
        one.process.wait()
        until(crew, lambda: alive(crew))
    assert len(pids) == 5
    assert said == ["The worker process was killed by SIGKILL; it is started again at once."] * 5


def test_the_pause_grows_while_a_process_keeps_ending(
    crew: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "BACKOFF_S", (0.0, 0.3))
    crew.start(child("web", "pass"))
    [one] = crew.running
    one.settled = True
    until(crew, lambda: len(said) >= 3)
    assert "ended with status 0; it is started again at once" in said[0]
    assert "it is started again in 0 s" in said[1]
    one.process.wait()
    died_at = time.monotonic()
    until(crew, lambda: len(said) >= 4)
    assert time.monotonic() - died_at >= 0.2


def test_what_never_lives_ends_the_portal_with_its_last_words(
    crew: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "BACKOFF_S", (0.0,))
    crew.start(child("scheduler", "raise SystemExit('no such database')"))
    with pytest.raises(ChildFailed, match="scheduler process ended with status 1 3 times") as failed:
        crew.tend_for(20)
    assert "no such database" in failed.value.remedy


@pytest.mark.threat("T9")
@pytest.mark.asvs("13.3.2")
def test_hidden_variables_do_not_reach_a_process(crew: Supervisor, tmp_path: Path) -> None:
    program = "import os; print(sorted({'SECRET_KEY', 'HMC_PASSWORD'} & set(os.environ)), flush=True)"
    crew.start(child("broker", program, hidden=frozenset({"SECRET_KEY", "HMC_PASSWORD"})))
    crew.start(child("worker", program))
    for one in crew.running:
        one.process.wait(20)
    assert (tmp_path / "broker.log").read_text() == "[]\n"
    assert (tmp_path / "worker.log").read_text() == "['HMC_PASSWORD', 'SECRET_KEY']\n"


@pytest.mark.threat("T9")
@pytest.mark.asvs("13.3.2")
@pytest.mark.django_db
def test_only_the_worker_gets_the_credentials_of_hosts() -> None:
    Credential.objects.create(name="hmc", reference="env:HMC_PASSWORD")
    Credential.objects.create(name="key", reference="file:/keys/id")
    hidden = processes._credential_variables()
    assert hidden == {"HMC_PASSWORD"}
    children = {one.name: one.hidden for one in processes._children("127.0.0.1", 1, hidden)}
    assert {name for name, kept in children.items() if "HMC_PASSWORD" not in kept} == {"worker"}
