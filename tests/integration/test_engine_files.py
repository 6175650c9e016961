"""Files that a step brings home as evidence: whole, with their digest, and never as text of the log."""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from functools import partialmethod
from html import unescape
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from inventory.transport.connection import Connection
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.evidence.commands import CommandEnds, CommandIntents
from liveupdate.evidence.output import OutputComparison
from liveupdate.models import OutputChunk, Run, RunStep
from liveupdate.pages.run_feed import RunFeed
from liveupdate.procedures import step as words
from liveupdate.states import RunState
from portal.access.models import User
from portal.audit.chunks import load_chunk
from tests.integration.engine_world import World, make_world, sh
from tests.integration.test_engine_execution import entries
from tests.integration.test_pages_runs import body_of
from tests.ssh_server import Server, in_process_server

NAME = 'logs of pay01 "düs".tar'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def world(transactional_db: None, server: Server) -> World:
    return make_world(server.endpoint(), server.endpoint(name="hmc01"))


def fetch(step_id: str, path: Path, name: str) -> words.Step:
    return sh(step_id, "", action=words.Fetch(str(path), name), deadline_s=120)


def failed_run(world: World, *failure: words.Step) -> Run:
    update = sh("update", "exit 1", kind=words.StepKind.IDEMPOTENT, live_update=True)
    run = start_run(world.approved(world.plan([update], failure=failure)).pk)
    execute(run.pk, "w")
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    return run


def archive(path: Path) -> bytes:
    """A tar of 20 MB of noise with every byte in it."""
    held = Random(7).randbytes(20 * 1024 * 1024)
    with tarfile.open(path, "w") as tar:
        member = tarfile.TarInfo("liveupdate/logs/lvupdlog")
        member.size = len(held)
        tar.addfile(member, io.BytesIO(held))
    return path.read_bytes()


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


@pytest.mark.deep
def test_a_large_file_comes_home_byte_by_byte(world: World, server: Server) -> None:
    path = server.directory / "liveupdate.tar"
    held = archive(path)
    run = failed_run(world, fetch("logs", path, NAME))
    command = run.commands.get(step__key="logs")
    assert (command.file_name, command.file_path, command.stdout_bytes) == (NAME, str(path), len(held))
    assert command.stdout_digest == f"sha256:{hashlib.sha256(held).hexdigest()}"
    out = [entry["d"] for entry in entries(run) if entry["t"] == "cmd.out"]
    pieces = [load_chunk(name) for entry in out for name in entry["chunks"]]
    assert b"".join(pieces) == held, "the ledger holds it in its chunks"
    assert all(len(piece) <= 64 * 1024 for piece in pieces)

    client = client_of("olaf")
    address = reverse("run-file", args=[run.pk, command.number])
    answer = client.get(address)
    assert body_of(answer) == held
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''logs%20of%20pay01")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"

    page = unescape(client.get(run.get_absolute_url()).content.decode())
    for shown in (f'href="{address}"', NAME, f'pay01:<span class="mono">{path}', command.stdout_digest):
        assert shown in page
    assert RunFeed(run.pk).fetch((0, 0), 1000)
    assert len("".join(event.data for event in RunFeed(run.pk).fetch((0, 0), 1000))) < 20_000
    transcript = body_of(client.get(reverse("run-transcript", args=[run.pk])))
    assert len(transcript) < 20_000
    assert f"an evidence file: {len(held)} bytes, {command.stdout_digest}".encode() in transcript
    for comparison in (CommandIntents(), CommandEnds(), OutputComparison()):
        for entry in entries(run):
            if entry["t"] in {event.value for event in comparison.events}:
                comparison.see(None, entry)
        assert not list(comparison.problems())


def test_a_file_that_is_not_there_fails_its_step_alone(world: World, server: Server) -> None:
    (server.directory / "errpt").write_bytes(b"")
    missing = server.directory / "lvupdlog"
    run = failed_run(
        world, fetch("lost", missing, "lvupdlog"), fetch("empty", server.directory / "errpt", "errpt")
    )
    lost, empty = (RunStep.objects.get(run=run, key=key) for key in ("lost", "empty"))
    assert (lost.state, empty.state) == ("failed", "succeeded")
    assert lost.message == (
        f"{missing} could not be read on pay01: cat: {missing}: No such file or directory"
    )
    assert "lvupdlog" not in run.outcome
    page = unescape(client_of("olaf").get(run.get_absolute_url()).content.decode())
    files = page[page.index('id="files"') : page.index('id="steps"')]
    assert "errpt" in files
    assert "lvupdlog" not in files, "what did not come home is no evidence"
    command = run.commands.get(step__key="lost")
    assert client_of("olaf").get(reverse("run-file", args=[run.pk, command.number])).status_code == 404
    first = run.commands.get(step__key="update")
    assert client_of("olaf").get(reverse("run-file", args=[run.pk, first.number])).status_code == 404


@pytest.mark.threat("T15")
def test_a_file_of_another_team_is_not_there(world: World, server: Server) -> None:
    (server.directory / "errpt").write_text("LVUPDATE_FAILED\n")
    run = failed_run(world, fetch("errpt", server.directory / "errpt", "errpt"))
    User.objects.create(username="eve")
    number = run.commands.get(step__key="errpt").number
    assert client_of("eve").get(reverse("run-file", args=[run.pk, number])).status_code == 404


def test_a_file_that_grows_beyond_what_is_taken_stays_where_it_is(
    world: World, server: Server, monkeypatch: Any
) -> None:
    monkeypatch.setattr(Connection, "run", partialmethod(Connection.run, most_bytes=1000))
    (server.directory / "big").write_bytes(b"x" * 5000)
    (server.directory / "small").write_bytes(b"y")
    run = failed_run(
        world,
        fetch("big", server.directory / "big", "big"),
        fetch("small", server.directory / "small", "small"),
    )
    assert dict(run.steps.filter(part="failure").values_list("key", "state")) == {
        "big": "failed",
        "small": "succeeded",
    }
    assert OutputChunk.objects.filter(run=run, command__step__key="small").exists()
