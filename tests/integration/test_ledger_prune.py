"""Old bytes go by two people's entry alone, after a verified archive; verification tells gone from lost."""

import base64
import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import metamorphic_log
import pymerkle
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from portal.access.actions import grant
from portal.access.models import User
from portal.access.roles import Role
from portal.audit import legal_hold, pruning
from portal.audit.actor import Actor
from portal.audit.ceremony import Ceremony, Confirmation
from portal.audit.chunks import store_chunk
from portal.audit.events import Event
from portal.audit.export import export_ledger
from portal.audit.merkle import inclusion_proof, leaf_hash
from portal.audit.models import Chunk, Entry, Intake, Release, ReleasedChunk
from portal.audit.pruning import Pruned, prune
from portal.audit.record import Occurrence, record, record_all
from portal.audit.retention import PRUNABLE, months_kept
from portal.audit.sealer import seal_now
from portal.audit.signer import SignerFiles
from portal.audit.sources import archived_entries
from portal.audit.tree import stored_subtree
from portal.audit.verification.archive import check_archive
from portal.audit.verification.comparisons import COMPARISONS
from portal.audit.verification.part import verify_part
from portal.audit.verification.report import Report
from portal.audit.verification.whole import verify_ledger
from portal.lib.canonical import digest
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, PortalError

pytestmark = pytest.mark.django_db
OLD, CUT = datetime(2015, 3, 1, tzinfo=UTC), datetime(2016, 1, 1, tzinfo=UTC)
TOGETHER = Ceremony((Confirmation("u_a", "password"), Confirmation("u_b", "password")), "yearly")
WORKER = Actor.worker("w1")
VERIFY_GO = Path(__file__).resolve().parents[1] / "data/audit/verify.go"


@pytest.fixture
def ledger(db: Any) -> None:
    """Of an old run: two steps and four pieces of output, one of which a new run names again."""
    with transaction.atomic():
        names = [store_chunk(b"output %d\n" % number) for number in range(4)]
        old = [
            Occurrence(Event.STEP_START, {"request": "R-000001"}, {"n": 1}, OLD),
            *(Occurrence(Event.CMD_OUT, {"request": "R-000001"}, {"chunks": [name]}, OLD) for name in names),
            Occurrence(Event.STEP_END, {"request": "R-000001"}, {"n": 1}, OLD),
        ]
        record_all(old, WORKER, run=1, epoch=1)
        record(Event.CMD_OUT, WORKER, {"request": "R-000002"}, {"chunks": names[3:]}, run=2, epoch=1)
        record(Event.STEP_START, WORKER, {"request": "R-000002"}, {"n": 2}, run=2, epoch=1)
    seal_now()


@pytest.fixture
def chunks(ledger: None, tmp_path: Path) -> Pruned:
    return prune("chunks", CUT, tmp_path / "chunks", TOGETHER)


@pytest.fixture
def entries(chunks: Pruned, tmp_path: Path) -> Pruned:
    return prune("entries", CUT, tmp_path / "entries", TOGETHER)


def report() -> Report:
    seal_now()
    return verify_ledger()


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(PortalError) as caught:
        act()
    assert caught.value.code == code
    assert not Release.objects.exists()


def test_output_goes_but_what_a_later_entry_names(chunks: Pruned, tmp_path: Path) -> None:
    assert chunks.count == 3
    assert Chunk.objects.count() == 1
    found = report()
    assert (found.ok, found.pruned_chunks, found.pruned_entries, found.chunks) == (True, 3, 0, 1)
    assert found.released == [
        f"3 pieces of output pruned by entry #{chunks.entry}, archive {chunks.archive.replace(':', ' ')}."
    ]
    archive = check_archive(tmp_path / "chunks", SignerFiles.from_settings().log_keys())
    assert (archive.digest, len(archive.chunks)) == (chunks.archive, 4)
    said = json.loads(bytes(Entry.objects.get(seq=chunks.entry).intake.content))["d"]
    assert [each["user"] for each in said["people"]] == ["u_a", "u_b"]
    assert (said["from"], said["to"], said["what"]) == (0, 6, "chunks")
    assert said["policy"] == {"months": 13}


def test_entries_lose_their_bytes_and_keep_their_place(entries: Pruned, tmp_path: Path) -> None:
    assert entries.count == 2
    assert [bytes(row.content) == b"" for row in Intake.objects.order_by("id")[:6]] == [
        True, *[False] * 4, True
    ]  # fmt: skip
    found = report()
    assert (found.ok, found.pruned_entries, found.pruned_chunks) == (True, 2, 3)
    assert not verify_part(0, 7).problem
    lines = list(archived_entries([tmp_path / "entries"]))
    assert json.loads(lines[0])["d"] == {"n": 1}


def test_an_export_after_a_prune_is_verifiable(entries: Pruned, tmp_path: Path) -> None:
    call_command("audit_export", out=str(tmp_path / "after"), stdout=StringIO())
    archive = check_archive(tmp_path / "after", SignerFiles.from_settings().log_keys())
    assert sorted(set(range(archive.size)) - archive.places) == [0, 5]
    assert not list((tmp_path / "after").glob("tile/entries/**/0*"))


def test_programs_of_others_check_an_export_after_a_prune(entries: Pruned, tmp_path: Path) -> None:
    """Signature, size, and every entry that is left under the root; a pruned one is a leaf without bytes."""
    directory = tmp_path / "after"
    call_command("audit_export", out=str(directory), stdout=StringIO())
    keys, note = [(directory / "log.vkey").read_text().strip()], (directory / "checkpoint").read_text()
    size = metamorphic_log.checkpoint_verify(note, keys).size
    lines = (directory / "entries.jsonl").read_bytes().splitlines()
    assert len(lines) == size and [place for place, line in enumerate(lines) if not line] == [0, 5]
    for place, line in enumerate(lines):
        leaf = leaf_hash(line) if line else bytes(Entry.objects.get(seq=place).leaf)
        proof = inclusion_proof(place, size, stored_subtree)
        metamorphic_log.checkpoint_verify_inclusion(note, keys, place, leaf, proof)
    leaves = pymerkle.InmemoryTree(algorithm="sha256")
    archived = list(archived_entries([tmp_path / "entries"]))
    for place, line in enumerate(lines):
        leaves.append_entry(line or archived[place])
    assert leaves.get_root() == base64.b64decode(note.splitlines()[2])


@pytest.mark.golang
def test_go_takes_the_hash_of_a_pruned_entry_from_its_tile(entries: Pruned, tmp_path: Path) -> None:
    directory = tmp_path / "after"
    call_command("audit_export", out=str(directory), stdout=StringIO())
    env = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(tmp_path / "go")}
    program = str(tmp_path / "verify")
    subprocess.run(["go", "build", "-o", program, str(VERIFY_GO)], env=env, check=True, timeout=100)
    argv = [program, (directory / "log.vkey").read_text().strip(), str(directory)]
    size = (directory / "checkpoint").read_text().splitlines()[1]
    assert subprocess.run(argv, capture_output=True, check=True, timeout=60).stdout.split() == [size.encode()]
    (tile,) = (directory / "tile/0").glob("000*/*")
    hashes = tile.read_bytes()
    for altered in (hashes[::-1], hashes[:16]):
        tile.write_bytes(altered)
        assert subprocess.run(argv, capture_output=True, check=False, timeout=60).returncode == 1


@pytest.mark.openssl
def test_openssl_and_ssh_keygen_accept_the_checkpoint_after_a_prune(entries: Pruned, tmp_path: Path) -> None:
    directory = tmp_path / "after"
    call_command("audit_export", out=str(directory), stdout=StringIO())
    body, signature = (directory / "checkpoint").read_text().rsplit("\n\n", 1)
    (tmp_path / "body").write_text(body + "\n")
    (tmp_path / "signature").write_bytes(base64.b64decode(signature.split()[-1])[4:])
    openssl = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"{directory}/log.pem", "-rawin"]
    openssl += ["-in", str(tmp_path / "body"), "-sigfile", str(tmp_path / "signature")]
    keygen = ["ssh-keygen", "-Y", "verify", "-f", f"{directory}/allowed_signers", "-I", body.split("\n")[0]]
    keygen += ["-n", "lu-ledger", "-s", f"{directory}/checkpoint.sig"]
    for said, status in ((body + "\n", True), (body + "x\n", False)):
        (tmp_path / "body").write_text(said)
        for argv in (openssl, keygen):
            ended = subprocess.run(argv, input=said.encode(), capture_output=True, check=False, timeout=20)
            assert (ended.returncode == 0) is status, ended


def test_the_same_is_not_pruned_twice_and_more_may_follow(entries: Pruned, tmp_path: Path) -> None:
    with pytest.raises(Conflict) as caught:
        prune("entries", CUT, tmp_path / "again", TOGETHER)
    assert caught.value.code == "nothing_to_prune"


def test_output_that_comes_again_is_kept_again(chunks: Pruned) -> None:
    with transaction.atomic():
        record(Event.CMD_OUT, WORKER, {}, {"chunks": [store_chunk(b"output 0\n")]}, run=3, epoch=1)
    assert report().ok
    Chunk.objects.filter(digest=digest(b"output 0\n")).delete()
    found = report()
    assert found.first_bad is not None
    assert "is missing" in found.first_bad.message


@pytest.mark.parametrize("what", ["entries", "chunks"])
def test_what_is_too_young_stays(ledger: None, settings: Any, tmp_path: Path, what: str) -> None:
    settings.LEDGER_KEEP_ENTRIES_MONTHS = settings.LEDGER_KEEP_OUTPUT_MONTHS = 1
    assert months_kept(what) == 12
    young = now().replace(month=1, day=1)
    refused("kept_longer", lambda: prune(what, young, tmp_path / "archive", TOGETHER))
    assert not (tmp_path / "archive").exists()


def test_entries_wait_until_their_output_was_pruned(tmp_path: Path) -> None:
    with transaction.atomic():
        named = {"chunks": [store_chunk(b"facts")]}
        record_all([Occurrence(Event.FACTS_READ, {}, named, OLD)], WORKER, run=9, epoch=1)
    seal_now()
    refused("prune_output_first", lambda: prune("entries", CUT, tmp_path / "a", TOGETHER))
    assert prune("chunks", CUT, tmp_path / "b", TOGETHER).count == 1
    assert prune("entries", CUT, tmp_path / "c", TOGETHER).count == 1
    assert report().ok


@pytest.mark.parametrize("held", ["R-000001", ""])
def test_a_legal_hold_forbids_it_until_two_people_end_it(ledger: None, tmp_path: Path, held: str) -> None:
    hold = legal_hold.place(TOGETHER.people[0], held, "court")
    refused("legal_hold", lambda: prune("chunks", CUT, tmp_path / "archive", TOGETHER))
    legal_hold.end(TOGETHER, hold.number)
    assert legal_hold.legal_holds() == []
    assert prune("chunks", CUT, tmp_path / "archive", TOGETHER).count == 3


def test_a_hold_on_something_else_forbids_nothing(ledger: None, tmp_path: Path) -> None:
    legal_hold.place(TOGETHER.people[0], "R-000002", "court")
    assert prune("chunks", CUT, tmp_path / "archive", TOGETHER).count == 3
    with pytest.raises(Invalid, match="no request R-9"):
        legal_hold.place(TOGETHER.people[0], "R-9", "court")
    with pytest.raises(Invalid, match="no legal hold 0"):
        legal_hold.end(TOGETHER, 0)


def test_nothing_goes_from_a_ledger_that_is_not_good(ledger: None, tmp_path: Path, unprotected: Any) -> None:
    Chunk.objects.filter(digest=store_chunk(b"output 1\n")).delete()
    refused("ledger_bad", lambda: prune("chunks", CUT, tmp_path / "archive", TOGETHER))


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("entries.jsonl", "entries.jsonl was altered"),
        ("manifest.json", "cannot be read"),
        ("checkpoint", "checkpoint was altered"),
    ],
)
def test_an_altered_archive_is_seen(chunks: Pruned, tmp_path: Path, name: str, word: str) -> None:
    path = tmp_path / "chunks" / name
    path.write_bytes(b"!" + path.read_bytes()[1:])
    with pytest.raises(Conflict, match=word) as caught:
        check_archive(tmp_path / "chunks", SignerFiles.from_settings().log_keys())
    assert caught.value.code == "archive_altered"


def test_an_archive_that_was_altered_while_it_was_written_lets_nothing_go(
    ledger: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(directory: Path) -> None:
        export_ledger(directory)
        next((directory / "chunks").iterdir()).write_bytes(b"other")

    monkeypatch.setattr(pruning, "export_ledger", damaged)
    refused("archive_altered", lambda: prune("chunks", CUT, tmp_path / "archive", TOGETHER))
    assert Chunk.objects.count() == 4


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_intake SET content = '' WHERE id = (SELECT max(id) FROM ledger_intake)",
        "UPDATE ledger_intake SET event = 'x', content = '' WHERE id = (SELECT min(id) FROM ledger_intake)",
        "DELETE FROM ledger_intake",
        "DELETE FROM ledger_chunk",
        "UPDATE ledger_chunk SET content = ''",
        "UPDATE ledger_release SET first = 0",
        "DELETE FROM ledger_released_chunk",
    ],
)
def test_the_triggers_allow_nothing_else(entries: Pruned, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_row_of_a_release_needs_a_signed_entry(ledger: None) -> None:
    with transaction.atomic():
        said = {"what": "chunks", "from": 0, "to": 6, "people": [], "reason": "x"}
        entered = record(Event.LEDGER_PRUNE, WORKER, {}, said)
    for intake in (entered, Intake.objects.order_by("id")[0]):
        with pytest.raises(DatabaseError, match="lets nothing go"), transaction.atomic():
            Release.objects.create(intake=intake, what="chunks", first=0, end=6)


def test_a_false_claim_is_an_integrity_failure(ledger: None) -> None:
    alone = {**TOGETHER.told(), "people": [{"user": "u_a", "factor": "password"}] * 2}
    with transaction.atomic():
        said = {"what": "chunks", "from": 0, "to": 6, "archive": "sha256:" + "0" * 64, **alone}
        entered = record(Event.LEDGER_PRUNE, WORKER, {}, said)
    seal_now()
    release = Release.objects.create(intake=entered, what="chunks", first=0, end=6)
    gone = b"output 0\n"
    ReleasedChunk.objects.create(release=release, digest=digest(gone))
    Chunk.objects.filter(digest=digest(gone)).delete()
    found = " ".join(problem.message for problem in report().problems)
    assert "claims that bytes may be missing, but it does not name two people" in found
    assert f"The output chunk {digest(gone)} is missing" in found
    assert "row of ledger_release rests on entry" in found


def test_more_than_was_let_go_is_an_integrity_failure(entries: Pruned, unprotected: Any) -> None:
    Intake.objects.filter(entry__seq=6).update(content=b"")
    found = report()
    assert found.first_bad is not None
    assert found.first_bad.message == (
        "Entry 6 (cmd.out): its content is missing, and no entry of two people lets just these go."
    )
    Intake.objects.filter(entry__seq=1).update(content=b"")
    assert [problem.seq for problem in report().problems][:3] == [0, 1, 5]


def test_what_may_go_is_nothing_that_is_compared_with_rows() -> None:
    assert PRUNABLE.isdisjoint(event for made in COMPARISONS for event in made().events)


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("aud", "adm"):
        user = User.objects.create_user(name, password=f"{name}-has-a-password")
        grant(user, Role.AUDITOR, None, by=Actor.command("tests"))
    monkeypatch.setattr(
        "portal.access.auditing.two_people.asked",
        lambda prompt: f"{prompt.removeprefix('Password of ').removesuffix(': ')}-has-a-password",
    )


def test_the_commands_ask_two_people(ledger: None, two: None, tmp_path: Path) -> None:
    def run(*words: str, **more: Any) -> Any:
        out = StringIO()
        call_command(*words, stdout=out, json=True, **more)
        return json.loads(out.getvalue())

    asked = {"before": "2016-01-01", "archive": tmp_path / "archive", "reason": "yearly"}
    with pytest.raises(CommandError, match="cannot confirm for two"):
        call_command("ledger_prune", "--chunks", first="aud", second="aud", **asked)
    (hold,) = run("legal_hold", "--all", first="aud", reason="court")
    with pytest.raises(CommandError, match="legal hold"):
        call_command("ledger_prune", "--chunks", first="aud", second="adm", **asked)
    assert run("legal_hold", end=hold["hold"], first="aud", second="adm", reason="over") == []
    done = run("ledger_prune", "--chunks", first="aud", second="adm", **asked)
    assert (done["what"], done["count"]) == ("chunks", 3)
    assert run("audit_verify", archive=tmp_path / "archive")["archive"] == done["archive"]
