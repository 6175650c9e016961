"""The exported ledger, checked by programs that are not ours."""

import base64
import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import metamorphic_log
import pymerkle
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from portal.audit.actor import Actor
from portal.audit.chunks import store_chunk
from portal.audit.events import Event
from portal.audit.merkle import consistency_proof, inclusion_proof, leaf_hash
from portal.audit.models import Checkpoint, Intake
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.audit.tiles import tile_name, tiles_of
from portal.audit.tree import stored_subtree

ENTRIES = 600
VERIFY_GO = Path(__file__).resolve().parents[1] / "data/audit/verify.go"


def enter(count: int) -> None:
    for number in range(count):
        chunks = [store_chunk(b"output %d\n" % number)] if number % 100 == 0 else []
        record(Event.CMD_OUT, Actor.worker("w1"), {"step": "update"}, {"n": number, "chunks": chunks}, run=1)


@pytest.fixture
def exported(db: Any, tmp_path: Path) -> Path:
    """A ledger of 600 entries and the export's own, with an older checkpoint at 300."""
    with transaction.atomic():
        enter(300)
        seal_now()
        enter(300)
    out = StringIO()
    call_command("audit_export", out=str(tmp_path / "export"), json=True, stdout=out)
    result = json.loads(out.getvalue())
    assert (result["size"], result["chunks"]) == (ENTRIES + 1, 3)
    return tmp_path / "export"


def vkey(directory: Path) -> str:
    return (directory / "log.vkey").read_text().strip()


def entries(directory: Path) -> list[bytes]:
    return (directory / "entries.jsonl").read_bytes().splitlines()


def test_the_directory_is_complete(exported: Path) -> None:
    manifest = json.loads((exported / "manifest.json").read_bytes())
    for name, expected in manifest["sha256"].items():
        assert sha256((exported / name).read_bytes()).hexdigest() == expected
    names = {
        str(path.relative_to(exported / "tile")) for path in (exported / "tile").rglob("*") if path.is_file()
    }
    assert names == {
        *("entries/000", "entries/001", "entries/002.p/89"),
        *("0/000", "0/001", "0/002.p/89", "1/000.p/2"),
    }
    assert len((exported / "tile/0/000").read_bytes()) == 256 * 32
    for chunk in (exported / "chunks").iterdir():
        assert sha256(chunk.read_bytes()).hexdigest() == chunk.name
    last = json.loads(entries(exported)[-1])
    assert (last["t"], last["actor"]) == ("export.create", {"k": "command", "id": "audit_export"})


def test_entry_bundles_hold_the_entries(exported: Path) -> None:
    bundle, found = (exported / "tile/entries/002.p/89").read_bytes(), []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        found.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    assert found == entries(exported)[512:]
    assert b"".join(leaf_hash(entry) for entry in found) == (exported / "tile/0/002.p/89").read_bytes()


def test_pymerkle_finds_the_signed_root(exported: Path) -> None:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries(exported):
        tree.append_entry(entry)
    signed = base64.b64decode((exported / "checkpoint").read_text().splitlines()[2])
    assert tree.get_root() == signed


def test_metamorphic_log_accepts_checkpoints_inclusion_and_growth(exported: Path) -> None:
    keys, newest = [vkey(exported)], (exported / "checkpoint").read_text()
    size = metamorphic_log.checkpoint_verify(newest, keys).size
    assert size == ENTRIES + 1
    for index, entry in enumerate(entries(exported)):
        proof = inclusion_proof(index, size, stored_subtree) if index % 50 == 0 or index == size - 1 else None
        if proof is not None:
            metamorphic_log.checkpoint_verify_inclusion(newest, keys, index, leaf_hash(entry), proof)
    older = Checkpoint.objects.get(size=300).note
    growth = consistency_proof(300, size, stored_subtree)
    metamorphic_log.checkpoint_verify_consistency(older, newest, keys, growth)
    with pytest.raises(metamorphic_log.VerifyError):
        metamorphic_log.checkpoint_verify(newest.replace("\n601\n", "\n600\n"), keys)
    with pytest.raises(metamorphic_log.VerifyError):
        metamorphic_log.checkpoint_verify_consistency(older, newest, keys, growth[::-1])


def test_the_anchor_file_holds_every_checkpoint(exported: Path) -> None:
    lines = [json.loads(line) for line in (exported / "anchors.jsonl").read_text().splitlines()]
    assert [line["checkpoint"] for line in lines] == [row.note for row in Checkpoint.objects.all()]


@pytest.mark.golang
def test_go_accepts_the_export_and_refuses_an_altered_one(exported: Path, tmp_path: Path) -> None:
    env = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(tmp_path / "go")}
    program = str(tmp_path / "verify")
    subprocess.run(["go", "build", "-o", program, str(VERIFY_GO)], env=env, check=True, timeout=100)

    def check(directory: Path) -> subprocess.CompletedProcess[str]:
        argv = [program, vkey(exported), str(directory)]
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)

    assert check(exported).stdout.strip() == str(ENTRIES + 1)
    altered = tmp_path / "altered"
    shutil.copytree(exported, altered)
    lines = entries(altered)
    (altered / "entries.jsonl").write_bytes(b"\n".join([lines[1], lines[0], *lines[2:]]) + b"\n")
    assert check(altered).returncode == 1
    (altered / "entries.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    text = (altered / "checkpoint").read_text()
    (altered / "checkpoint").write_text(text.replace("\n601\n", "\n600\n"))
    assert check(altered).returncode == 1


@pytest.mark.asvs("11.6.1", "11.4.3")
@pytest.mark.openssl
def test_openssl_accepts_the_signature(exported: Path, tmp_path: Path) -> None:
    text, signature = (exported / "checkpoint").read_text().rsplit("\n\n", 1)
    (tmp_path / "body").write_text(text + "\n")
    (tmp_path / "signature").write_bytes(base64.b64decode(signature.split()[-1])[4:])
    argv = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(exported / "log.pem"), "-rawin"]
    argv += ["-in", str(tmp_path / "body"), "-sigfile", str(tmp_path / "signature")]
    assert subprocess.run(argv, check=False, capture_output=True, timeout=20).returncode == 0
    (tmp_path / "body").write_text(text + "x\n")
    assert subprocess.run(argv, check=False, capture_output=True, timeout=20).returncode != 0


def test_a_directory_with_something_in_it_is_refused(exported: Path) -> None:
    with pytest.raises(CommandError, match="is not an empty directory"):
        call_command("audit_export", out=str(exported), stdout=StringIO())


@pytest.mark.django_db
def test_an_export_without_key_waits_for_the_sealer_in_vain(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    enter(3)
    seal_now()
    monkeypatch.setattr("portal.audit.sealer.SEALED_WITHIN_S", 0.2)
    monkeypatch.setattr("portal.audit.sealer.os.access", lambda *_: False)
    with pytest.raises(CommandError, match="No checkpoint came"):
        call_command("audit_export", out=str(tmp_path / "x"), stdout=StringIO())
    assert Intake.objects.filter(event=Event.EXPORT_CREATE).count() == 1


@pytest.mark.parametrize(
    ("number", "name"), [(0, "000"), (7, "007"), (1234067, "x001/x234/067"), (1000, "x001/000")]
)
def test_tile_names(number: int, name: str) -> None:
    assert tile_name(number) == name
    assert tile_name(number, 5) == f"{name}.p/5"


def test_tiles_of_a_tree() -> None:
    assert list(tiles_of(0)) == []
    assert list(tiles_of(256)) == [(0, 0, 256), (1, 0, 1)]
    assert list(tiles_of(257)) == [(0, 0, 256), (0, 1, 1), (1, 0, 1)]


TLOG_TILES = Path(sys.executable).with_name("tlog-tiles")


def tlog_tiles(directory: Path, index: int) -> subprocess.CompletedProcess[bytes]:
    command = [str(TLOG_TILES), "get-leaf", "--check", str(directory), str(index)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("index", [0, 255, 256, 511, ENTRIES])
def test_a_foreign_reader_of_tiles_gets_entries_and_checks_them(exported: Path, index: int) -> None:
    read = tlog_tiles(exported, index)
    assert read.returncode == 0, read.stderr
    assert entries(exported)[index] in read.stdout


def test_a_foreign_reader_of_tiles_refuses_an_altered_entry(exported: Path) -> None:
    bundle = exported / "tile" / "entries" / "000"
    content = bundle.read_bytes()
    bundle.write_bytes(content.replace(b'"n":7}', b'"n":8}'))
    assert bundle.read_bytes() != content
    read = tlog_tiles(exported, 7)
    assert read.returncode != 0
    assert b"InclusionProofInvalid" in read.stderr
