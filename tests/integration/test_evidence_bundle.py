"""Evidence bundles, checked by their own script without the portal, by other programs, and after attacks."""

import base64
import hashlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import metamorphic_log
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from liveupdate.actions.runs import start_run
from liveupdate.bundle.script import verify_script
from liveupdate.bundle.verifier import command as verifier
from liveupdate.bundle.verifier.opening import contents_digest, sha256_of
from liveupdate.engine.execution import execute
from liveupdate.models import Run
from liveupdate.states import RunState
from portal.access.models import Membership
from portal.audit import sealer as sealing
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.merkle import leaf_hash
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.lib.canonical import canonical_json
from portal.lib.clock import now
from tests.integration.engine_world import make_world, sh
from tests.ssh_server import Server, in_process_server

GO = Path(__file__).resolve().parents[1] / "data/audit/verify_proofs.go"
HOSTILE = "<script>alert(1)</script>\x1b[2J"
Files = dict[str, bytes]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def run(transactional_db: None, server: Server, settings: Any) -> Run:
    """A run with two commands that has succeeded, of a request that was asked for and approved."""
    settings.PORTAL_LAUNCHER_DIR = str(server.directory / "launcher")
    world = make_world(server.endpoint(), server.endpoint(name="hmc01"))
    queued = start_run(
        world.approved(
            world.plan([sh("a", f"printf '{HOSTILE}'".replace("\x1b", r"\033")), sh("b", "seq 20000")])
        ).pk
    )
    execute(queued.pk, "w1")
    queued.refresh_from_db()
    assert queued.state == RunState.SUCCEEDED, queued.outcome
    seal_now()
    return queued


def written(tmp_path: Path, *options: str, name: str = "bundle.zip") -> Path:
    path = tmp_path / name
    call_command("evidence", *options, "--out", str(path), stdout=io.StringIO(), stderr=io.StringIO())
    return path


@pytest.fixture
def bundle(run: Run, tmp_path: Path) -> Path:
    return written(tmp_path, "--run", str(run.pk))


def checked(path: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """What the bundle's own script says, without the portal's packages and without a site."""
    script = path.with_suffix(".py")
    script.write_bytes(files_of(path)["verify.py"])
    argv = [sys.executable, "-I", "-S", str(script), str(path), "--json", *options]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/", timeout=60)
    return ended.returncode, json.loads(ended.stdout or "{}")


def files_of(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, files: Files) -> Path:
    """A bundle of these files with a right comment: what somebody does who knows the format."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.comment = b"sha256:" + b"0" * 64
    content = held.getvalue()[:-71]
    path.write_bytes(content + b"sha256:" + hashlib.sha256(content).hexdigest().encode())
    return path


def with_manifest(files: Files) -> Files:
    """The files with a manifest that names them as they are."""
    manifest = json.loads(files["manifest.json"])
    manifest["sha256"] = {name: sha256_of(held) for name, held in files.items() if name != "manifest.json"}
    return files | {"manifest.json": canonical_json(manifest)}


def test_a_bundle_is_good_without_the_portal(bundle: Path, run: Run) -> None:
    code, said = checked(bundle)
    assert (code, said["wrong"], said["lacking"]) == (0, [], [])
    assert (said["scope"], said["runs"]) == ({"run": str(run.pk)}, 1)
    files = files_of(bundle)
    report = json.loads(files["report.json"])
    assert [(row["run"], row["state"], row["commands"]) for row in report["runs"]] == [
        (run.pk, "succeeded", 2)
    ]
    output = "".join(f"{number}\n" for number in range(1, 20001))
    assert report["runs"][0]["output_bytes"] == len(HOSTILE) + len(output)
    assert set(json.loads(files["people.json"]).values()) == {"ann", "ivy", "olaf"}
    page = files[f"pages/run-{run.pk}.html"].decode()
    assert "<script" not in page and "\x1b" not in page and "&lt;script&gt;" in page
    assert "<script" not in files["index.html"].decode()


def test_every_scope_gives_a_good_bundle(run: Run, tmp_path: Path) -> None:
    today = now().date()
    for number, options in enumerate(
        (
            ("--request", run.request.number),
            ("--team", "payroll", "--pseudonyms"),
            ("--from", f"{today - timedelta(days=365)}", "--to", f"{today + timedelta(days=2)}"),
        )
    ):
        path = written(tmp_path, *options, name=f"{number}.zip")
        code, said = checked(path)
        assert (code, said["runs"]) == (0, 1), said
    assert json.loads(files_of(tmp_path / "1.zip")["people.json"]) == {}
    empty = written(tmp_path, "--from", "2000-01-01", "--to", "2000-01-02", name="empty.zip")
    assert checked(empty)[1]["runs"] == 0


def test_a_bundle_does_not_wait_for_the_minute_of_the_sealer(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process holds the key: what came last is signed with the entry that asks for the bundle."""
    sealer = sealing.Sealer()
    sealer.round()
    in_turn = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _seconds: sealer.round())
    monkeypatch.setattr(sealing, "os", SimpleNamespace(access=lambda *_of: False, R_OK=os.R_OK))
    monkeypatch.setattr(sealing, "time", in_turn)
    with transaction.atomic():
        record(Event.RUN_DECISION, Actor.command("tests"), {"request": run.request.number}, {"n": 1})
    path = written(tmp_path, "--run", str(run.pk))
    assert checked(path)[0] == 0
    lines = files_of(path)["entries.jsonl"].splitlines()
    kinds = [json.loads(json.loads(line)["entry"])["t"] for line in lines]
    assert kinds[-2:] == ["run.decision", "export.create"]


def test_what_is_asked_for_wrongly_is_refused(run: Run, bundle: Path, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "x.zip"))
    for options in (
        (),
        ("--run", "1", "--team", "payroll"),
        ("--run", "4711"),
        ("--request", "R-x"),
        ("--team", "nobody"),
        ("--from", "2026-01-01"),
        ("--from", "2026-13-01", "--to", "2026-12-01"),
        ("--from", "2026-02-01", "--to", "2026-01-01"),
    ):
        with pytest.raises(CommandError):
            call_command("evidence", *options, *out, stderr=io.StringIO())
    with pytest.raises(CommandError, match="is there already"):
        call_command("evidence", "--run", str(run.pk), "--out", str(bundle), stderr=io.StringIO())
    assert not (tmp_path / "x.zip").exists() and not list(tmp_path.glob(".*.part"))


def test_another_key_and_another_history_are_seen(bundle: Path, tmp_path: Path, settings: Any) -> None:
    assert checked(bundle, "--vkey", files_of(bundle)["log.vkey"].decode().strip())[0] == 0
    assert checked(bundle, "--anchor", settings.LEDGER_ANCHOR_FILE)[0] == 0
    other = "portal.example/lu-ledger/v1+00000000+" + base64.b64encode(b"\1" + bytes(32)).decode()
    assert checked(bundle, "--vkey", other)[0] == 1
    foreign = tmp_path / "anchors"
    foreign.write_text('{"at":"x","checkpoint":"other\\n5\\nAAAA\\n\\n"}\n')
    assert checked(bundle, "--anchor", str(foreign))[0] == 1


def drop_entry(files: Files) -> Files:
    lines = files["entries.jsonl"].splitlines(keepends=True)
    at = next(index for index, line in enumerate(lines) if b"cmd.start" in line or b"cmd.end" in line)
    return files | {"entries.jsonl": b"".join(lines[:at] + lines[at + 1 :])}


def swap_entries(files: Files) -> Files:
    lines = files["entries.jsonl"].splitlines(keepends=True)
    return files | {"entries.jsonl": b"".join([lines[1], lines[0], *lines[2:]])}


def alter_entry(files: Files) -> Files:
    return files | {"entries.jsonl": files["entries.jsonl"].replace(b"security fixes", b"security fixez")}


def alter_output(files: Files) -> Files:
    name = next(name for name in files if name.startswith("chunks/"))
    return files | {name: files[name] + b"!"}


def drop_output(files: Files) -> Files:
    name = next(name for name in files if name.startswith("chunks/"))
    return {kept: held for kept, held in files.items() if kept != name}


def alter_report(files: Files) -> Files:
    return files | {"report.json": files["report.json"].replace(b'"commands":2', b'"commands":1')}


def alter_page(files: Files) -> Files:
    return files | {"index.html": files["index.html"].replace(b"</h1>", b" of others</h1>")}


def alter_people(files: Files) -> Files:
    return files | {"people.json": files["people.json"].replace(b"ivy", b"eve")}


def other_scope(files: Files) -> Files:
    manifest = json.loads(files["manifest.json"]) | {"scope": {"run": "99"}}
    return files | {"manifest.json": canonical_json(manifest)}


def climb_out(files: Files) -> Files:
    return files | {"../../etc/cron.d/x": b"* * * * * root sh"}


def add_file(files: Files) -> Files:
    return files | {"pages/run-7.html": b"<p>all was well</p>"}


ATTACKS = (
    *(drop_entry, swap_entries, alter_entry, alter_output, drop_output, alter_report, alter_page),
    *(alter_people, other_scope, climb_out, add_file),
)


def test_attacks_with_a_right_manifest_are_seen(bundle: Path, tmp_path: Path) -> None:
    files, path = files_of(bundle), tmp_path / "attacked.zip"
    assert checked(packed(path, with_manifest(files)))[0] == 0
    for attack in ATTACKS:
        altered = attack(dict(files))
        assert altered != files
        assert checked(packed(path, with_manifest(altered)))[0] == 1, attack.__name__


def test_every_flipped_byte_is_seen(bundle: Path, tmp_path: Path) -> None:
    content, chance = bundle.read_bytes(), random.Random(1)
    path = tmp_path / "flipped.zip"
    seen = 0
    for _ in range(200):
        at = chance.randrange(len(content))
        path.write_bytes(content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :])
        seen += verifier.main([str(path)]) == 1
    print(f"{seen} of 200 flipped bytes seen in {len(content):,} bytes")
    assert seen == 200
    path.write_bytes(content[: len(content) // 2])
    assert verifier.main([str(path)]) == 1


def test_a_run_that_nobody_had_approved_is_not_good(run: Run, tmp_path: Path) -> None:
    """What the ledger itself holds is judged again: here the approver lost the role before the start."""
    other = Run.objects.get(pk=run.pk)
    subject = {"request": other.request.number, "run": 77, "plan": other.plan.digest}
    approver = Membership.objects.get(role="approver")
    from django.db import transaction

    with transaction.atomic():
        record(
            Event.ROLE_CHANGE,
            Actor.portal(),
            {"user": approver.user.public_id, "team": "payroll"},
            {"what": "revoked", "role": "approver"},
        )
        record(Event.RUN_START, Actor.worker("w1"), subject, {"state": "running"}, run=77, epoch=1)
    code, said = checked(written(tmp_path, "--request", run.request.number))
    assert code == 1
    assert [text for text in said["wrong"] if "Run 77 began although 1 decisions were missing" in text]
    assert [text for text in said["lacking"] if "Run 77 is not over" in text]


def test_the_proofs_hold_for_a_library_that_is_not_ours(bundle: Path) -> None:
    files = files_of(bundle)
    keys = [files["log.vkey"].decode().strip()]
    note = files["checkpoint"].decode()
    assert metamorphic_log.checkpoint_verify(note, keys).size > 0
    for line in files["entries.jsonl"].splitlines():
        held = json.loads(line)
        proof = files[f"proofs/{held['seq']}.tlog-proof"].decode().partition("\n\n")[0].split("\n")[2:]
        path = [base64.b64decode(each) for each in proof]
        metamorphic_log.checkpoint_verify_inclusion(
            note, keys, held["seq"], leaf_hash(held["entry"].encode()), path
        )


@pytest.mark.golang
def test_the_proofs_hold_for_go(bundle: Path, tmp_path: Path) -> None:
    program, directory = str(tmp_path / "verify"), tmp_path / "unpacked"
    env = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(tmp_path / "cache"),
    }
    subprocess.run(["go", "build", "-o", program, str(GO)], env=env, check=True, timeout=100)
    shutil.unpack_archive(bundle, directory)
    argv = [program, files_of(bundle)["log.vkey"].decode().strip(), str(directory)]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    lines = (directory / "entries.jsonl").read_bytes().splitlines()
    assert ended.stdout.strip() == str(len(lines)), ended.stderr
    (directory / "entries.jsonl").write_bytes(alter_entry(files_of(bundle))["entries.jsonl"])
    assert subprocess.run(argv, capture_output=True, check=False, timeout=60).returncode == 1


@pytest.mark.openssl
def test_openssl_alone_checks_the_signature(bundle: Path, tmp_path: Path) -> None:
    files = files_of(bundle)
    body, _, signatures = files["checkpoint"].decode().rpartition("\n\n")
    (tmp_path / "body").write_text(body + "\n")
    (tmp_path / "pem").write_bytes(files["log.pem"])
    signature = base64.b64decode(signatures.strip().rpartition(" ")[2])
    (tmp_path / "signature").write_bytes(signature[-64:])
    argv = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "pem", "-rawin", "-in", "body"]
    ended = subprocess.run([*argv, "-sigfile", "signature"], cwd=tmp_path, check=False, capture_output=True)
    assert ended.returncode == 0, ended.stderr


def test_what_the_database_does_not_hold_any_more_is_no_evidence(run: Run, tmp_path: Path) -> None:
    """A plan that was altered behind the portal's back stops the bundle, with its name."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE liveupdate_plan SET document = document || ' '")
    with pytest.raises(CommandError, match="is not as it was frozen"):
        written(tmp_path, "--run", str(run.pk))


def test_the_script_in_the_bundle_is_the_one_of_the_source(bundle: Path) -> None:
    files = files_of(bundle)
    assert files["verify.py"].decode() == verify_script()
    assert contents_digest({name: sha256_of(held) for name, held in files.items()}).startswith("sha256:")


def test_a_bundle_about_a_period_holds_its_report_in_every_format(run: Run, tmp_path: Path) -> None:
    day = f"{run.queued_at:%Y-%m-%d}"
    path = written(tmp_path, "--from", day, "--to", f"{run.queued_at + timedelta(days=1):%Y-%m-%d}")
    files = files_of(path)
    said = json.loads(files["reports/compliance.json"])
    assert said["standing"]["root"] in files["reports/compliance.html"].decode()
    assert files["reports/compliance.pdf"].startswith(b"%PDF-")
    assert {name for name in files if name.startswith("reports/") and name.endswith(".csv")}
    assert "reports/compliance.pdf" in files["index.html"].decode()
    assert f"<h1>From {day} 00:00:00 UTC" in files["index.html"].decode()
    regions = re.findall(r'role="region" aria-label="([^"]*)"', files["reports/compliance.html"].decode())
    assert len(regions) == len(set(regions)) > 20
    assert checked(path)[0] == 0
    assert not [
        name
        for name in files_of(written(tmp_path, "--run", str(run.pk), name="run.zip"))
        if "reports/" in name
    ]
