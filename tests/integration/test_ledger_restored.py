"""A restored database: seen before anything starts, opened again by two people alone."""

import json
import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from liveupdate.actions.gates import before_look
from liveupdate.actions.runs import start_run
from liveupdate.engine.claim import take
from portal.access.actions import add_person, grant
from portal.access.models import Membership, User
from portal.access.roles import Role
from portal.audit import hold
from portal.audit.actor import Actor
from portal.audit.ceremony import Ceremony, Confirmation
from portal.audit.chunks import store_chunk
from portal.audit.events import Event
from portal.audit.hold import current_hold
from portal.audit.models import Checkpoint, Chunk, Entry, Hold, Intake
from portal.audit.pruning import prune
from portal.audit.record import record
from portal.audit.restore import go_on_as_another, put_back
from portal.audit.sealer import Sealer, seal_now
from portal.audit.sequencer import Sequencer
from portal.audit.signer import SealRefused, Signer, SignerFiles
from portal.audit.spool.copies import EntrySpool
from portal.audit.verification.whole import verify_ledger
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid
from tests.fleet import Fleet, make_fleet
from tests.ledger_backup import Backup

pytestmark = pytest.mark.django_db(transaction=True)
BY = Actor.command("test")
TOGETHER = Ceremony((Confirmation("u_a", "password"), Confirmation("u_b", "password")), "disk lost")


def enter(count: int = 1, run: int | None = None) -> None:
    with transaction.atomic():
        for number in range(count):
            chunks = [store_chunk(b"output %d" % number)] if run else []
            record(Event.CMD_OUT, Actor.worker("w1"), {}, {"n": number, "chunks": chunks}, run=run, epoch=run)


def signer() -> Signer:
    return Signer(SignerFiles.from_settings(), settings.LEDGER_ORIGIN)


def newest_note() -> str:
    return str(json.loads(Path(settings.LEDGER_ANCHOR_FILE).read_text().splitlines()[-1])["checkpoint"])


def exported(place: Path) -> Path:
    call_command("audit_export", out=str(place), stdout=StringIO())
    return place


@pytest.fixture
def restored(tmp_path: Path) -> Path:
    """The export that holds what the restored database lost: entries 300 to 609."""
    enter(290)
    enter(10, run=5)
    seal_now()
    backup = Backup(tmp_path)
    enter(309, run=5)
    export = exported(tmp_path / "export")
    backup.restore()
    return export


def test_every_process_sees_it_and_says_which_entries_are_missing(restored: Path) -> None:
    found = current_hold()
    assert found is not None
    assert "holds 300 entries, but 610 were signed" in found.reason
    assert "entries 300 to 609 are missing" in found.reason
    hold.forget()
    assert current_hold() == Hold.objects.get()
    Path(settings.LEDGER_ANCHOR_FILE).unlink()  # the signer's memory alone tells it too
    Hold.objects.all().delete()
    hold.forget()
    again = current_hold()
    assert again is not None and "entries 300 to 609" in again.reason


def test_nothing_gets_a_place_or_a_signature_and_the_alarm_waits(restored: Path) -> None:
    enter(2)
    sealer = Sealer()
    for _ in range(3):
        sealer.round()
    assert Entry.objects.count() == 300
    assert Intake.objects.filter(event=Event.LEDGER_ALARM, entry=None).count() == 1
    with pytest.raises(SealRefused, match="are missing"):
        seal_now()


def test_pages_say_so_and_take_no_form_but_signing_in(restored: Path) -> None:
    user = User.objects.create_user("aud", password="seven green bicycles")
    Membership.objects.create(user=user, team=None, role="auditor")
    client = Client()
    assert (
        client.post("/sign-in/", {"username": "aud", "password": "seven green bicycles"}).status_code == 302
    )
    page = client.get("/").content.decode()
    assert "The portal only reads." in page and "entries 300 to 609 are missing" in page
    refused = client.post("/requests/new/", {"x": "y"})
    assert refused.status_code == 409 and "The portal only reads" in refused.content.decode()
    assert client.post("/api/v1/requests/", {}, headers={"Accept": "application/json"}).status_code in (
        401,
        403,
        409,
    )
    assert client.post("/audit/verify/").status_code == 302
    assert "Bad" in client.get("/audit/").content.decode()


def test_what_was_lost_is_put_back_from_an_export_by_two_people(restored: Path) -> None:
    assert current_hold() is not None
    checkpoint = put_back(signer(), TOGETHER, newest_note(), [restored])
    assert current_hold() is None
    assert checkpoint.size == 611
    report = verify_ledger()
    assert report.problems == []
    assert (report.ok, report.size, report.chunks) == (True, 611, 309)
    entry = json.loads(bytes(Entry.objects.get(seq=610).intake.content))
    said = entry["d"]
    assert (entry["t"], said["way"], said["from"], said["to"]) == ("ledger.restore", "imported", 300, 610)
    assert [each["user"] for each in said["people"]] == ["u_a", "u_b"] and said["missing_chunks"] == []
    enter(1, run=5)
    seal_now()
    assert verify_ledger().ok
    with pytest.raises(Conflict, match="is the ledger that was signed"):
        put_back(signer(), TOGETHER, newest_note(), [restored])


def test_entries_that_wait_in_the_backup_are_not_put_back_twice(tmp_path: Path) -> None:
    enter(5)
    seal_now()
    enter(3, run=4)
    backup = Backup(tmp_path)
    export = exported(tmp_path / "export")
    backup.restore()
    assert current_hold() is not None
    put_back(signer(), TOGETHER, newest_note(), [export])
    report = verify_ledger()
    assert report.problems == []
    assert (report.ok, report.size) == (True, 10)


def test_a_workers_spool_gives_entries_back_but_no_output(tmp_path: Path) -> None:
    enter(3)
    seal_now()
    backup = Backup(tmp_path)
    enter(2, run=9)
    spool = EntrySpool(tmp_path / "spool")
    spool.keep([bytes(row.content) for row in Intake.objects.filter(run=9).order_by("id")], durably=True)
    seal_now()
    backup.restore()
    with pytest.raises(Invalid, match="2 of the 2 lost entries are in none of the sources"):
        put_back(signer(), TOGETHER, newest_note(), [])
    put_back(signer(), TOGETHER, newest_note(), [tmp_path / "spool"])
    report = verify_ledger()
    assert report.problems == []
    assert (report.ok, report.size) == (True, 6)
    assert len(json.loads(bytes(Entry.objects.get(seq=5).intake.content))["d"]["missing_chunks"]) == 2


@pytest.mark.parametrize("what", ["older", "altered", "nowhere"])
def test_what_does_not_fit_is_not_put_back(what: str, restored: Path, tmp_path: Path) -> None:
    note, sources = newest_note(), [restored]
    if what == "older":
        note = Checkpoint.objects.get(size=300).note
    elif what == "altered":
        lines = (restored / "entries.jsonl").read_bytes().splitlines(keepends=True)
        lines[400] = lines[400].replace(b'"n":', b'"n":9')
        (restored / "entries.jsonl").write_bytes(b"".join(lines))
    else:
        sources = [tmp_path]
    says = {"older": "not the newest", "altered": "none of the sources", "nowhere": "neither an export"}
    with pytest.raises(Invalid, match=says[what]):
        put_back(signer(), TOGETHER, note, sources)
    assert Entry.objects.count() == 300
    hold.forget()
    assert current_hold() is not None


def test_a_database_that_went_on_goes_on_as_another_log(restored: Path) -> None:
    """The portal ran on the restored database with a sealer that had lost its sight of the anchors."""
    note = newest_note()
    enter(4)
    Sequencer().place_all()
    with pytest.raises(Conflict, match="went on by itself"):
        put_back(signer(), TOGETHER, note, [restored])
    with pytest.raises(Invalid, match="LEDGER_ORIGIN is"):
        go_on_as_another(signer(), TOGETHER, note)
    settings.LEDGER_ORIGIN += "-2"
    try:
        checkpoint = go_on_as_another(signer(), TOGETHER, note)
        assert checkpoint.note.startswith(f"{settings.LEDGER_ORIGIN}\n305\n")
        assert current_hold() is None
        report = verify_ledger()
        assert (report.problems, report.size) == ([], 305)
        assert any("610 entries were given up for another log" in warning for warning in report.warnings)
        enter(400)
        seal_now()
        assert verify_ledger().ok
        export = exported(restored.with_name("second"))
        assert (export / "keys.jsonl").read_text().count("\n") == 2
    finally:
        settings.LEDGER_ORIGIN = settings.LEDGER_ORIGIN.removesuffix("-2")


def test_a_backup_of_before_a_prune_brings_bytes_back_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry of the prune is put back like any other; what it let go is pruned once more."""
    enter(3, run=5)
    seal_now()
    backup = Backup(tmp_path)
    monkeypatch.setattr("portal.audit.retention.now", lambda: now() + timedelta(days=800))
    tomorrow = now() + timedelta(days=1)
    done = prune("chunks", tomorrow, tmp_path / "archive", TOGETHER)
    assert not Chunk.objects.exists()
    export = exported(tmp_path / "export")
    backup.restore()
    put_back(signer(), TOGETHER, newest_note(), [export])
    assert Chunk.objects.count() == 3
    report = verify_ledger()
    [sentence] = [each for each in report.warnings if "came back with a restored backup" in each]
    assert report.problems == [] and f"pruned by entry #{done.entry}" in sentence
    assert f"manage.py ledger_prune --chunks --before {tomorrow:%Y-%m-%d}" in sentence
    again = prune("chunks", tomorrow, tmp_path / "again", TOGETHER)
    assert (again.count, Chunk.objects.count()) == (3, 0)
    report = verify_ledger()
    assert report.problems == [] and not [each for each in report.warnings if "came back" in each]


def test_the_command_does_it_with_two_people(restored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, role in (("aud", "auditor"), ("adm", "administrator")):
        grant(add_person(name, "seven green bicycles", by=BY), Role(role), None, by=BY)
    monkeypatch.setattr("portal.access.auditing.two_people.asked", lambda _prompt: "seven green bicycles")
    options = {"checkpoint": Path(settings.LEDGER_ANCHOR_FILE), "first": "aud", "reason": "disk lost"}
    with pytest.raises(CommandError, match="cannot confirm for two"):
        call_command("ledger_restore", sources=[restored], second="aud", **options)
    out = StringIO()
    call_command("ledger_restore", sources=[restored], second="adm", stdout=out, **options)
    assert "The ledger goes on" in out.getvalue()
    assert verify_ledger().ok


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def test_no_run_starts_on_a_restored_database_and_none_twice_after_it(fleet: Fleet, tmp_path: Path) -> None:
    """The backup is of before the start: the database believes that the request still has to start."""
    approved = fleet.approved()
    queued_before = fleet.queued("web01", "wes", "ivy")
    seal_now()
    backup = Backup(tmp_path)
    start_run(approved.pk, fleet.kim)
    export = exported(tmp_path / "export")
    backup.restore()
    codes = [reason.code for reason in before_look(approved, {}, now())]  # type: ignore[arg-type]
    assert codes[0] == "ledger_held"
    assert take(queued_before.pk, "w1") is None
    queued_before.refresh_from_db()
    assert "The portal only reads" in queued_before.reason
    put_back(signer(), TOGETHER, newest_note(), [export])
    assert current_hold() is None
    report = verify_ledger()
    unsaid = [each.message for each in report.problems if "The accepted key of host" not in each.message]
    assert unsaid == []  # the fleet's host keys are rows that nobody entered
    assert any("was entered and is not there any more" in warning for warning in report.warnings)
    with pytest.raises(Conflict, match="knows of a run"):
        start_run(approved.pk, fleet.kim)


def test_a_ledger_that_is_whole_holds_nobody(tmp_path: Path) -> None:
    hold.forget()
    assert current_hold() is None
    enter(3)
    seal_now()
    enter(300)
    Sequencer().place_all()
    hold.forget()
    assert current_hold() is None
    shutil.rmtree(Path(settings.LEDGER_ANCHOR_FILE).parent)
    hold.forget()
    assert current_hold() is None
