"""Output of a run that was let go: pages, verification, bundle and verify.py say by which entry."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from liveupdate.actions.runs import start_run
from liveupdate.bundle.scope import run_scope
from liveupdate.bundle.script import verify_script
from liveupdate.bundle.verifier.command import check_contents, show
from liveupdate.bundle.verifier.opening import open_bundle
from liveupdate.bundle.writing import write_bundle
from liveupdate.engine.execution import execute
from liveupdate.models import OutputChunk, Run
from portal.access.actions import grant
from portal.access.models import User
from portal.access.roles import Role
from portal.audit import legal_hold
from portal.audit.actor import Actor
from portal.audit.ceremony import Ceremony, Confirmation
from portal.audit.chunks import CHUNK_LIMIT, store_chunk
from portal.audit.events import Event
from portal.audit.models import Chunk, Intake
from portal.audit.pruning import prune
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.audit.verification.whole import verify_ledger
from portal.audit.withholding import Place, withhold
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid
from tests.integration.engine_world import make_world, sh
from tests.integration.test_pages_runs import body_of
from tests.ssh_server import Server, in_process_server

TOGETHER = Ceremony((Confirmation("u_a", "password"), Confirmation("u_b", "password")), "yearly")
LINES = 12_000
"""More than one chunk of 64 KiB."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def run(transactional_db: None, server: Server, settings: Any) -> Run:
    settings.PORTAL_LAUNCHER_DIR = str(server.directory / "launcher")
    world = make_world(server.endpoint(), server.endpoint(name="hmc01"))
    script = f"i=0; while [ $i -lt {LINES} ]; do echo line $i; i=$((i+1)); done"
    run = start_run(world.approved(world.plan([sh("look", script)])).pk)
    execute(run.pk, "w1")
    seal_now()
    return run


def written(run: Run, path: Path) -> Path:
    write_bundle(run_scope(run.pk), path, Actor.command("tests"), names=False, told=lambda *_words: None)
    return path


def judged(bundle: Path) -> tuple[int, dict[str, Any]]:
    """By verify.py, as a stranger runs it."""
    script = bundle.with_name("verify.py")
    script.write_text(verify_script())
    command = [sys.executable, "-I", "-S", str(script), str(bundle), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout)


def test_pruned_output_is_told_everywhere(
    run: Run, tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    whole = open_bundle(written(run, tmp_path / "whole.zip").read_bytes())
    bare = whole._replace(files={name: held for name, held in whole.files.items() if "chunks/" not in name})
    assert show(False, bare, 0, check_contents(bare)) == 2
    assert "is not in the bundle" in capsys.readouterr().out

    monkeypatch.setattr("portal.audit.retention.now", lambda: now() + timedelta(days=800))
    done = prune("chunks", now() + timedelta(days=1), tmp_path / "archive", TOGETHER)
    words = f"pruned by entry #{done.entry}, archive {done.archive.replace(':', ' ')}"
    assert not Chunk.objects.exists()
    assert not OutputChunk.objects.exists()
    seal_now()
    found = verify_ledger()
    assert (found.problems, found.pruned_chunks, found.released) == (
        [],
        done.count,
        [f"{done.count} pieces of output {words}."],
    )

    code, result = judged(written(run, tmp_path / "pruned.zip"))
    assert (code, result["wrong"], result["lacking"]) == (0, [], [])
    assert len(result["authorised"]) >= 2
    assert all(words in text for text in result["authorised"])

    auditor = User.objects.create_user("aud", password="aud-has-a-password")
    grant(auditor, Role.AUDITOR, None, by=Actor.command("tests"))
    client.force_login(auditor)
    entry = Intake.objects.filter(event=Event.CMD_OUT).order_by("id")[0]
    assert words in client.get(reverse("audit-entry", args=[entry.pk])).content.decode()
    for name in ("run-output", "api-output"):
        answer = client.get(reverse(name, args=[run.pk, 1, "stdout"]), HTTP_ACCEPT="application/json")
        said = answer.json()
        assert (answer.status_code, said["code"]) == (410, "output_pruned")
        assert words in said["detail"] and "by u_a and u_b at 20" in said["detail"]
        assert "yearly" in said["detail"] and "archive" in said["remedy"]
    page = client.get(reverse("run-output", args=[run.pk, 1, "stdout"]), HTTP_ACCEPT="text/html")
    assert page.status_code == 410 and "Not there any more" in page.content.decode()


def test_a_secret_that_is_found_later_is_withheld(run: Run, tmp_path: Path, client: Client) -> None:
    before = b"".join(bytes(row.content) for row in kept(run))
    secret = before.index(b"line 9000\n")
    place = Place(run.pk, 1, "stdout", secret, secret + 10)
    hold = legal_hold.place(TOGETHER.people[0], run.request.number, "court")
    with pytest.raises(Conflict, match="legal hold"):
        withhold(place, TOGETHER)
    legal_hold.end(TOGETHER, hold.number)
    seal_now()
    done = withhold(place, TOGETHER)
    (digest,) = done.digests
    assert not Chunk.objects.filter(digest=digest).exists()
    rows = kept(run)
    begin = secret - secret % CHUNK_LIMIT
    end = min(begin + CHUNK_LIMIT, len(before))
    assert b"".join(bytes(row.content) for row in rows) == before[:begin] + before[end:]
    assert all(before[row.offset : row.offset + len(row.content)] == bytes(row.content) for row in rows)

    words = f"withheld by entry #{done.entry}"
    seal_now()
    found = verify_ledger()
    assert (found.problems, found.withheld_chunks) == ([], 1)
    assert found.released == [f"1 pieces of output {words}."]
    code, result = judged(written(run, tmp_path / "withheld.zip"))
    assert (code, result["authorised"]) == (
        0,
        [f"Run {run.pk}, command 1, stdout: the output {digest} was {words}."],
    )
    auditor = User.objects.create_user("aud", password="aud-has-a-password")
    grant(auditor, Role.AUDITOR, None, by=Actor.command("tests"))
    client.force_login(auditor)
    page = client.get(reverse("run", args=[run.pk])).content.decode()
    assert words in page and "not all of it is kept any more" in page and "the whole record" not in page
    transcript = body_of(client.get(reverse("run-transcript", args=[run.pk])))
    assert f"### stdout of command 1: {words}".encode() in transcript
    raw = reverse("api-output", args=[run.pk, 1, "stdout"])
    refused = client.get(raw, HTTP_RANGE=f"bytes={begin}-{begin + 9}")
    assert (refused.status_code, refused.json()["code"]) == (410, "output_withheld")
    assert body_of(client.get(raw, HTTP_RANGE="bytes=0-9")) == before[:10]

    store_chunk(before[begin:end])
    texts = [
        client.get(reverse("audit-entry", args=[entry.pk])).content.decode()
        for entry in Intake.objects.filter(event=Event.CMD_OUT)
    ]
    assert any(words in text for text in texts)
    assert not any("line 9000" in text for text in texts)
    with pytest.raises(Invalid, match="No stored output"):
        withhold(Place(run.pk, 1, "stderr", 0, 10), TOGETHER)


def kept(run: Run) -> list[OutputChunk]:
    """What is left of the rows that the run's page shows."""
    return list(OutputChunk.objects.filter(run=run, command__number=1, stream="stdout").order_by("offset"))


def test_output_beyond_what_was_withheld_is_still_compared(run: Run) -> None:
    withhold(Place(run.pk, 1, "stdout", 0, 1), TOGETHER)
    row = kept(run)[-1]
    OutputChunk.objects.filter(pk=row.pk).update(content=bytes(row.content).replace(b"line", b"lime"))
    seal_now()
    found = verify_ledger().first_bad
    assert found is not None
    assert "is not what was entered" in found.message


def test_a_false_claim_is_bad_for_a_stranger_too(run: Run, tmp_path: Path) -> None:
    said = {
        "what": "chunks",
        "from": 0,
        "to": 3,
        "archive": "sha256:" + "0" * 64,
        "people": [],
        "reason": "x",
    }
    with transaction.atomic():
        record(Event.LEDGER_PRUNE, Actor.worker("w1"), {}, said)
    code, result = judged(written(run, tmp_path / "false.zip"))
    assert code == 1
    assert "claims that bytes may be missing, but it does not name two people" in result["wrong"][0]
