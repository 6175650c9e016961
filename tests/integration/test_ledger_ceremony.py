"""The signing key changes hands: two people, an unbroken chain of keys, and every verifier follows it."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import metamorphic_log
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from portal.access.models import Membership, User
from portal.audit import note
from portal.audit.actor import Actor
from portal.audit.ceremony import Ceremony, Confirmation, recover, replace, rotate
from portal.audit.events import Event
from portal.audit.log_keys import LogKey, LogKeys
from portal.audit.models import Checkpoint, Intake
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.audit.signer import SealRefused, Signer, SignerFiles
from portal.audit.signing_key import read_key
from portal.audit.verification.whole import verify_ledger
from portal.lib.errors import Conflict
from tests.second_factor import app_of

pytestmark = pytest.mark.django_db
TOGETHER = Ceremony((Confirmation("u_a", "password"), Confirmation("u_b", "password")), "yearly")


def enter(count: int = 1) -> Checkpoint:
    with transaction.atomic():
        for number in range(count):
            record(Event.CONFIG_CHANGE, Actor.portal(), {}, {"n": number})
    row = seal_now()
    assert row is not None
    return row


def files() -> SignerFiles:
    return SignerFiles.from_settings()


def signer() -> Signer:
    return Signer(files(), settings.LEDGER_ORIGIN)


def person(name: str, role: str) -> User:
    user = User.objects.create_user(name, password=f"{name}-has-a-password")
    Membership.objects.create(user=user, team=None, role=role)
    return user


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], str]]:
    """What people type at the terminal, by prompt."""
    answers: dict[str, Callable[[], str]] = {
        f"Password of {name}: ": lambda name=name: f"{name}-has-a-password"  # type: ignore[misc]
        for name in ("aud", "adm", "ann")
    }
    monkeypatch.setattr("portal.access.auditing.two_people.asked", lambda prompt: answers[prompt]())
    return answers


def test_both_keys_sign_the_hand_over_and_everything_stays_good() -> None:
    enter(3)
    old = files().log_keys().newest
    handover = rotate(signer(), TOGETHER)
    enter(2)
    new = files().log_keys().newest
    assert str(old) != str(new)
    assert note.verify(handover.note, old) == note.verify(handover.note, new)
    assert files().verifier.read_text() == f"{new}\n"
    assert str(note.VerifierKey(settings.LEDGER_ORIGIN, read_key(files().key).public_key())) == str(new)
    assert not files().next_key.exists()
    for key in (None, old, new):
        report = verify_ledger(key=key)
        assert (report.ok, report.warnings, report.checkpoints) == (True, [], 3)
    entry = json.loads(bytes(Intake.objects.get(event=Event.LEDGER_REKEY).content))
    assert (entry["d"]["before"], entry["d"]["key"], entry["d"]["act"]) == (str(old), str(new), "rotated")
    assert [each["user"] for each in entry["d"]["people"]] == ["u_a", "u_b"]


def test_a_key_that_handed_over_may_sign_nothing_more() -> None:
    """Whoever stole the old key signs another history of later entries with it."""
    enter(3)
    old_key = read_key(files().key)
    rotate(signer(), TOGETHER)
    newest = enter(5)
    forged = note.sign(note.Head(newest.size + 1, bytes(32)), settings.LEDGER_ORIGIN, old_key)
    with Path(settings.LEDGER_ANCHOR_FILE).open("a") as anchors:
        anchors.write(json.dumps({"checkpoint": forged}) + "\n")
    assert "which spoke up to 4" in verify_ledger().problems[0].message


def test_a_stranger_to_the_log_is_not_trusted() -> None:
    enter()
    rotate(signer(), TOGETHER)
    other = note.VerifierKey(settings.LEDGER_ORIGIN, Ed25519PrivateKey.generate().public_key())
    assert "was never signed by" in verify_ledger(key=other).problems[0].message


@pytest.mark.parametrize("cut_after", ["next", "keys"])
def test_a_rotation_that_was_cut_off_is_taken_up(cut_after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    enter()
    if cut_after == "next":
        monkeypatch.setattr("portal.audit.ceremony._hand_over", lambda *_: 1 / 0)
    else:
        monkeypatch.setattr(Signer, "_take_over", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rotate(signer(), TOGETHER)
    monkeypatch.undo()
    if cut_after == "next":
        waiting = read_key(files().next_key).public_key()
        rotate(signer(), TOGETHER)
        assert files().log_keys().newest.public == waiting
    enter()
    assert not files().next_key.exists()
    assert verify_ledger().ok


def test_a_lost_key_is_replaced_by_people_and_that_stays_to_be_seen() -> None:
    enter(3)
    old = files().log_keys().newest
    with pytest.raises(Conflict, match="is there"):
        replace(signer(), TOGETHER)
    files().key.unlink()
    with pytest.raises(SealRefused, match="is lost"):
        seal_now()
    replace(signer(), TOGETHER)
    enter()
    report = verify_ledger()
    assert (report.ok, len(report.warnings)) == (True, 1)
    assert "Only people vouched" in report.warnings[0]
    assert "did not hand over" in verify_ledger(key=old).problems[0].message


@pytest.mark.parametrize("lost", ["state", "leaves", "damaged"])
def test_a_lost_memory_comes_back_from_entries_that_fit_every_checkpoint(lost: str) -> None:
    enter(3)
    enter(300)
    before = files().leaves.read_bytes()
    with pytest.raises(Conflict, match="memory is there"):
        recover(signer(), TOGETHER)
    if lost == "damaged":
        files().state.write_text(files().state.read_text().replace("303", "302"))
    else:
        getattr(files(), lost).unlink()
        if lost == "leaves":
            enter_refused()
    recover(signer(), TOGETHER)
    assert files().leaves.read_bytes().startswith(before)
    enter()
    assert verify_ledger().ok


def enter_refused() -> None:
    with pytest.raises(SealRefused, match="is lost"):
        enter()


def test_a_memory_is_not_made_from_entries_that_do_not_fit(unprotected: None) -> None:
    enter(3)
    files().state.unlink()
    row = Intake.objects.order_by("id")[1]
    Intake.objects.filter(pk=row.pk).update(content=bytes(row.content).replace(b'"n":1', b'"n":7'))
    with pytest.raises(SealRefused, match="are not those that were signed"):
        recover(signer(), TOGETHER)
    assert not files().state.exists()


def test_the_command_asks_two_people_and_names_both(typed: dict[str, Callable[[], str]]) -> None:
    enter()
    aud, adm = person("aud", "auditor"), person("adm", "administrator")
    app = app_of(adm)
    typed["Code of adm: "] = app.code
    out = StringIO()
    call_command("ledger_key", "rotate", first="aud", second="adm", reason="yearly", json=True, stdout=out)
    assert json.loads(out.getvalue())["key"] == str(files().log_keys().newest)
    people = json.loads(bytes(Intake.objects.get(event=Event.LEDGER_REKEY).content))["d"]["people"]
    assert people == [
        {"user": aud.public_id, "factor": "password"},
        {"user": adm.public_id, "factor": "second_factor"},
    ]


def test_the_command_refuses_one_person_a_wrong_password_and_people_without_the_role(
    typed: dict[str, Callable[[], str]],
) -> None:
    enter()
    person("aud", "auditor")
    person("adm", "administrator")
    person("ann", "requester")
    key = files().verifier.read_text()
    for first, second, says in (
        ("aud", "aud", "cannot confirm for two"),
        ("aud", "ann", "You may not change how the ledger is signed"),
        ("aud", "nobody", "There is no person"),
    ):
        with pytest.raises(CommandError, match=says):
            call_command("ledger_key", "rotate", first=first, second=second, reason="x", stdout=StringIO())
    typed["Password of adm: "] = lambda: "guessed"
    with pytest.raises(CommandError, match="not the password of adm"):
        call_command("ledger_key", "rotate", first="aud", second="adm", reason="x", stdout=StringIO())
    with pytest.raises(CommandError, match="Say why"):
        call_command("ledger_key", "rotate", first="aud", second="adm", reason=" ", stdout=StringIO())
    assert Intake.objects.filter(event=Event.AUTH_FAIL).count() == 1
    assert files().verifier.read_text() == key


def exported(tmp_path: Path) -> Path:
    """An export of a log whose key has changed."""
    enter(3)
    rotate(signer(), TOGETHER)
    enter(2)
    call_command("audit_export", out=str(tmp_path / "export"), stdout=StringIO())
    return tmp_path / "export"


def test_the_export_of_a_log_with_two_keys_is_accepted_by_others(tmp_path: Path) -> None:
    directory = exported(tmp_path)
    keys = LogKeys.parse((directory / "keys.jsonl").read_text())
    newest = (directory / "checkpoint").read_text()
    assert metamorphic_log.checkpoint_verify(newest, [str(keys.newest)]).size == 7
    for one in keys.keys:
        assert metamorphic_log.checkpoint_verify(keys.keys[1].handover, [one.vkey]).size == 4
    assert (directory / "policy").read_text().splitlines() == [
        *(f"log {one.vkey}" for one in keys.keys),
        "quorum none",
    ]


@pytest.mark.openssh
def test_ssh_keygen_accepts_the_checkpoint_and_nothing_else(tmp_path: Path) -> None:
    directory = exported(tmp_path)
    body = note.signed_part((directory / "checkpoint").read_text()).encode()
    argv = ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", settings.LEDGER_ORIGIN]
    argv += ["-s", "checkpoint.sig", "-n"]

    def accepts(content: bytes, namespace: str = "lu-ledger") -> bool:
        run = subprocess.run(
            [*argv, namespace], input=content, cwd=directory, capture_output=True, check=False
        )
        return run.returncode == 0

    assert accepts(body)
    assert not accepts(body.replace(b"\n7\n", b"\n8\n"))
    assert not accepts(body, "file")


@pytest.mark.golang
def test_go_accepts_an_export_with_two_keys_by_the_new_one(tmp_path: Path) -> None:
    directory = exported(tmp_path)
    env = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(tmp_path / "go")}
    program = Path(__file__).resolve().parents[1] / "data/audit/verify.go"
    argv = ["go", "run", str(program), (directory / "log.vkey").read_text().strip(), str(directory)]
    ended = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=100)
    assert ended.stdout.strip() == "7", ended.stderr


def test_a_bundle_is_good_for_whoever_trusts_an_old_key_that_handed_over(tmp_path: Path) -> None:
    enter(3)
    old = str(files().log_keys().newest)
    rotate(signer(), TOGETHER)
    enter(2)
    path = tmp_path / "bundle.zip"
    dates = ("--from", "2000-01-01", "--to", "2100-01-01")
    call_command("evidence", *dates, "--out", str(path), stdout=StringIO(), stderr=StringIO())
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))

    def checked(*options: str) -> tuple[int, dict[str, Any]]:
        argv = [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), str(path), "--json", *options]
        ended = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
        return ended.returncode, json.loads(ended.stdout)

    assert checked()[0] == 0, checked()
    assert checked("--vkey", old, "--anchor", settings.LEDGER_ANCHOR_FILE)[0] == 0
    assert checked("--vkey", str(files().log_keys().newest))[0] == 0
    other = str(note.VerifierKey(settings.LEDGER_ORIGIN, Ed25519PrivateKey.generate().public_key()))
    code, said = checked("--vkey", other)
    assert (code, "never signed by" in said["wrong"][0]) == (1, True)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{}",
        "[]",
        '{"since":0,"vkey":"x"}',
        '{"since":"0","vkey":"x"}',
        '{"since":0,"vkey":"x","more":1}',
        "[" * 5000,
        '{"since":0,"vkey":' + "9" * 5000 + "}",
    ],
)
def test_a_damaged_list_of_keys_is_refused_in_words(line: str) -> None:
    enter()
    files().keys.write_text(f"{line}\n")
    with pytest.raises(CommandError) as refused:
        call_command("audit_verify", stdout=StringIO())
    assert refused.value.returncode == 2
    assert "key" in str(refused.value)


def test_a_hand_over_that_the_new_key_did_not_sign_is_none() -> None:
    enter()
    old = files().log_keys().newest
    stranger = str(note.VerifierKey(settings.LEDGER_ORIGIN, Ed25519PrivateKey.generate().public_key()))
    row = Checkpoint.objects.get()
    text = LogKeys((LogKey(0, str(old)), LogKey(1, stranger, row.note))).text()
    with pytest.raises(note.BadNote, match="is not signed by"):
        LogKeys.parse(text)
