"""The attack matrix: what somebody does who owns the database, or more; what sees it; with which status.

The table is docs/attack-matrix.md too: `python -m tests.attack_table` writes it anew.
"""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from liveupdate.models import StoredReport
from liveupdate.records.reports import report_of, stored_pdf
from portal.access.models import User
from portal.audit import hold, note
from portal.audit.actor import Actor
from portal.audit.anchors.base import Published
from portal.audit.anchors.syslog import message_of
from portal.audit.anchors.witness import request_body
from portal.audit.ceremony import Ceremony, Confirmation, rotate
from portal.audit.events import Event
from portal.audit.hold import current_hold
from portal.audit.merkle import frontier_of, leaf_hash, root_of
from portal.audit.models import Checkpoint, Entry, Intake, Receipt, Tile
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.audit.sequencer import Sequencer
from portal.audit.signer import SealRefused, Signer, SignerFiles, SignerState
from portal.audit.signing_key import read_key
from portal.audit.witness import Witness
from portal.lib.canonical import digest
from portal.lib.clock import now
from portal.lib.errors import Conflict
from tests.integration import test_ledger_attacks as attacks
from tests.report_sample import store_sample

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unprotected")]
GOOD, BAD, NO_ANSWER = 0, 1, 2
TABLE = Path(__file__).resolve().parents[2] / "docs" / "attack-matrix.md"


@dataclass
class Stage:
    """A ledger of 315 entries, 300 of them signed, and what was brought out before the attack."""

    place: Path
    witness: Witness = field(init=False)

    def __post_init__(self) -> None:
        attacks.enter(0, 100)
        seal_now()
        attacks.enter(100, 300)
        seal_now()
        keys = [SignerFiles.from_settings().log_keys().newest]
        self.witness = Witness(
            "w.example", Ed25519PrivateKey.generate(), keys, self.place / "witness.sqlite3"
        )
        newest = Checkpoint.objects.get(size=300)
        assert self.witness.add_checkpoint(request_body(newest.note, 0, []).encode()).status == 200
        sent = Published(300, bytes(newest.root), newest.note, newest.signed_at)
        self.siem.write_text(message_of(sent).decode() + "\n")
        attacks.enter(300, 310)
        Sequencer().place_all()
        attacks.enter(310, 315)

    @property
    def siem(self) -> Path:
        """The file of the site's syslog collector."""
        return self.place / "siem.log"


def verified(*copies: Path) -> int:
    """The exit status of audit_verify."""
    try:
        call_command("audit_verify", anchor=list(copies), stdout=StringIO(), stderr=StringIO())
    except SystemExit as ended:
        return int(str(ended.code))
    except CommandError as error:
        return error.returncode
    return GOOD


def by_verify(_stage: Stage) -> int:
    return verified()


def by_verify_with_siem(stage: Stage) -> int:
    return verified(stage.siem)


def by_signer(_stage: Stage) -> int:
    try:
        seal_now()
    except SealRefused:
        return BAD
    return GOOD


def by_every_process(_stage: Stage) -> int:
    hold.forget()
    return GOOD if current_hold() is None else BAD


def by_witness(stage: Stage) -> int:
    newest = Checkpoint.objects.order_by("-size")[0]
    reply = stage.witness.add_checkpoint(request_body(newest.note, 300, []).encode())
    return GOOD if reply.status == 200 else BAD


def rewrite_with_the_stolen_key(_stage: Stage) -> None:
    """Everything that the portal's machines hold, made anew with the real key: database, memory, anchors."""
    attacks.edit_everything_about(10)
    leaves = [bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True)]
    Tile.objects.update(root=root_of(leaves[:256]))
    files, lines = SignerFiles.from_settings(), []
    key = read_key(files.key)
    for row in Checkpoint.objects.order_by("size"):
        root = root_of(leaves[: row.size])
        text = note.sign(note.Head(row.size, root), settings.LEDGER_ORIGIN, key)
        Checkpoint.objects.filter(pk=row.pk).update(root=root, note=text)
        lines.append(json.dumps({"at": "2026-01-01T00:00:00Z", "checkpoint": text}))
    files.anchor.write_text("\n".join(lines) + "\n")
    frontier = frontier_of(leaves[:300])
    SignerState(300, frontier.root(), tuple(frontier.hashes)).save(files.state)
    files.leaves.write_bytes(b"".join(leaves[:300]))


def sign_with_a_key_that_handed_over(_stage: Stage) -> None:
    files = SignerFiles.from_settings()
    stolen = read_key(files.key)
    people = (Confirmation("u_a", "password"), Confirmation("u_b", "password"))
    rotate(Signer(files, settings.LEDGER_ORIGIN), Ceremony(people, "seen by a stranger"))
    forged = note.sign(note.Head(400, bytes(32)), settings.LEDGER_ORIGIN, stolen)
    Checkpoint.objects.create(size=400, root=bytes(32), note=forged, signed_at=now())


def drop_an_entry_of_no_run_before_it_is_signed(_stage: Stage) -> None:
    with transaction.atomic():
        row = record(Event.ROLE_CHANGE, Actor.portal(), {}, {})
    Intake.objects.filter(pk=row.pk)._raw_delete("default")


def claim_a_restore_that_nobody_made(_stage: Stage) -> None:
    said = {"way": "imported", "from": 0, "to": 300, "missing_chunks": [], "people": [], "reason": ""}
    with transaction.atomic():
        row = record(Event.LEDGER_RESTORE, Actor.command("ledger_restore"), {}, said)
    Intake.objects.filter(pk=row.pk).update(mac=bytes(32))
    attacks.delete_chunk()


def forge_a_cosignature(stage: Stage) -> None:
    settings.LEDGER_WITNESSES = [f"{stage.witness.verifier} http://127.0.0.1:1"]
    text = note.signed_part(Checkpoint.objects.get(size=300).note)
    line = note.cosign(text, "w.example", Ed25519PrivateKey.generate(), 1)
    Receipt.objects.create(anchor="witness w.example", kind="cosignature", size=300, content=line, at=now())


def cut_back_to_the_first_checkpoint_everywhere_in_reach(_stage: Stage) -> None:
    keys = list(Entry.objects.filter(seq__gte=100).values_list("intake_id", flat=True))
    Entry.objects.filter(seq__gte=100)._raw_delete("default")
    Intake.objects.filter(pk__gte=min(keys))._raw_delete("default")
    Checkpoint.objects.filter(size__gt=100)._raw_delete("default")
    Tile.objects.all()._raw_delete("default")
    for run in range(3):
        attacks.RunHead.objects.filter(run=run).update(rs=Intake.objects.filter(run=run).count())
    attacks.edit_the_anchor_file()
    path = SignerFiles.from_settings().anchor
    path.write_text(json.dumps({"checkpoint": Checkpoint.objects.get().note}) + "\n")


def a_report(_stage: Stage) -> StoredReport:
    """One that was made before the attack."""
    auditor = User.objects.create_user("auditor")
    return store_sample(auditor, None, pdf=b"%PDF-1.7")


def alter_a_report_with_its_digest(stage: Stage) -> None:
    stored = a_report(stage)
    content = bytes(stored.content or b"").replace(b'"value":2}', b'"value":0}')
    StoredReport.objects.filter(pk=stored.pk).update(content=content, digest=digest(content))


def alter_the_pdf_of_a_report(stage: Stage) -> None:
    StoredReport.objects.filter(pk=a_report(stage).pk).update(pdf=b"%PDF-1.7 of others")


def delete_a_report(stage: Stage) -> None:
    StoredReport.objects.filter(pk=a_report(stage).pk)._raw_delete("default")


def forge_a_report(stage: Stage) -> None:
    stored = a_report(stage)
    stored.pk = None
    stored.save()


def by_download(_stage: Stage) -> int:
    """Whether the newest report is given away, as JSON and PDF."""
    stored = StoredReport.objects.latest("pk")
    try:
        report_of(stored)
        stored_pdf(stored)
    except Conflict:
        return BAD
    return GOOD


def of_database(attack: Callable[[], None]) -> Callable[[Stage], None]:
    return lambda _stage: attack()


@dataclass(frozen=True)
class Row:
    """An attack, what it takes besides the database, and who sees it: the status of each look."""

    title: str
    takes: str
    attack: Callable[[Stage], None]
    seen: tuple[tuple[str, Callable[[Stage], int], int], ...]


VERIFY = ("`audit_verify`", by_verify, BAD)
SIGNER = ("the signer refuses", by_signer, BAD)
HOLD = ("every process: the portal only reads", by_every_process, BAD)
SIEM = ("`audit_verify --anchor` with the SIEM's file", by_verify_with_siem, BAD)
WITNESS = ("a witness refuses", by_witness, BAD)
BLIND = ("`audit_verify` alone sees nothing", by_verify, GOOD)

DOWNLOAD = ("each download is refused", by_download, BAD)
NUMBERING = ("`audit_verify`, by the run's numbering", by_verify, BAD)

MATRIX = (
    Row("an entry's content altered", "", of_database(attacks.edit_content), (VERIFY,)),
    Row("an entry altered, all hashes, tiles and checkpoints rebuilt with a key of one's own", "",
        of_database(attacks.edit_and_rebuild_the_tree), (VERIFY, SIGNER, HOLD)),
    Row("the copy of an entry's member altered that pages search by", "",
        of_database(attacks.edit_a_copy), (VERIFY,)),
    Row("an entry deleted", "", of_database(attacks.delete_entry), (VERIFY,)),
    Row("an entry deleted and the gap closed", "",
        of_database(attacks.delete_and_close_the_gap), (VERIFY, SIGNER, HOLD)),
    Row("an approval inserted in the middle", "",
        of_database(attacks.insert_in_the_middle), (VERIFY, SIGNER, HOLD)),
    Row("two entries exchanged", "", of_database(attacks.swap_two), (VERIFY,)),
    Row("the newest signed entries cut off, or a backup restored", "",
        of_database(attacks.restore_an_older_database), (VERIFY, SIGNER, HOLD)),
    Row("everything deleted", "", of_database(attacks.empty_everything), (VERIFY, SIGNER, HOLD)),
    Row("the same cut in the file of anchors too", "the file of anchors",
        cut_back_to_the_first_checkpoint_everywhere_in_reach, (VERIFY, SIGNER, HOLD, SIEM)),
    Row("history rewritten with the real key, in the signer's memory and the file of anchors too",
        "the sealer's account", rewrite_with_the_stolen_key, (BLIND, SIEM, WITNESS)),
    Row("a checkpoint signed with a stolen key that had handed over", "an old key",
        sign_with_a_key_that_handed_over, (VERIFY,)),
    Row("a piece of output swapped for another", "", of_database(attacks.swap_chunk), (VERIFY,)),
    Row("a piece of output deleted, under the claim of a restore", "",
        claim_a_restore_that_nobody_made, (VERIFY, SIGNER)),
    Row("a checkpoint removed", "", of_database(attacks.delete_checkpoint), (VERIFY,)),
    Row("the file of anchors removed", "the file of anchors",
        of_database(attacks.remove_the_anchor_file), (VERIFY,)),
    Row("a witness's cosignature forged", "", forge_a_cosignature, (VERIFY,)),
    Row("a report that is kept altered, and its digest beside it", "",
        alter_a_report_with_its_digest, (VERIFY, DOWNLOAD)),
    Row("the PDF of a report altered", "", alter_the_pdf_of_a_report, (VERIFY, DOWNLOAD)),
    Row("a report deleted", "", delete_a_report, (VERIFY,)),
    Row("a report written past the portal", "", forge_a_report, (VERIFY, DOWNLOAD)),
    Row("an entry altered after it was placed, before it was signed", "",
        of_database(attacks.edit_an_unsigned_entry), (VERIFY, SIGNER)),
    Row("an entry forged past the portal", "",
        of_database(attacks.forge_a_waiting_entry), (VERIFY, SIGNER)),
    Row("an entry of a run removed before it was signed", "",
        of_database(attacks.delete_a_waiting_entry), (NUMBERING,)),
    Row("an entry of no run removed before it was signed (within 60 s or 256 entries)", "",
        drop_an_entry_of_no_run_before_it_is_signed,
        (("nothing: no cryptography can", by_verify, GOOD),)),
)  # fmt: skip


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.title)
def test_each_attack_is_seen_by_what_the_table_says(row: Row, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    row.attack(stage)
    assert [(who, look(stage)) for who, look, _ in row.seen] == [(who, status) for who, _, status in row.seen]


def test_before_an_attack_everybody_finds_the_ledger_good(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    looks = (by_every_process, by_verify, by_verify_with_siem, by_signer)
    assert [look(stage) for look in looks] == [GOOD] * len(looks)


def test_two_histories_for_two_auditors_do_not_stand_beside_each_other(tmp_path: Path) -> None:
    """Each auditor's bundle is good alone; the anchors of the one show that the other's is another ledger."""
    with transaction.atomic():
        for number in range(20):
            record(Event.CONFIG_CHANGE, Actor.portal(), {}, {"n": number})
    seal_now()
    first = bundle(tmp_path / "first.zip")
    anchors = tmp_path / "anchors"
    anchors.write_bytes(Path(settings.LEDGER_ANCHOR_FILE).read_bytes())
    row = Intake.objects.order_by("id")[3]
    content = bytes(row.content).replace(b'"n":3', b'"n":7')
    Intake.objects.filter(pk=row.pk).update(content=content, leaf=leaf_hash(content))
    Entry.objects.filter(intake=row).update(leaf=leaf_hash(content))
    sign_everything_again()
    second = bundle(tmp_path / "second.zip")
    assert (by_script(first), by_script(second)) == (GOOD, GOOD)
    assert by_script(second, "--anchor", str(anchors)) == BAD
    assert by_script(first, "--anchor", settings.LEDGER_ANCHOR_FILE) == BAD


def sign_everything_again() -> None:
    leaves = [bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True)]
    files = SignerFiles.from_settings()
    lines = []
    for row in Checkpoint.objects.order_by("size"):
        root = root_of(leaves[: row.size])
        text = note.sign(note.Head(row.size, root), settings.LEDGER_ORIGIN, read_key(files.key))
        Checkpoint.objects.filter(pk=row.pk).update(root=root, note=text)
        lines.append(json.dumps({"checkpoint": text}))
    files.anchor.write_text("\n".join(lines) + "\n")
    frontier = frontier_of(leaves)
    SignerState(len(leaves), frontier.root(), tuple(frontier.hashes)).save(files.state)
    files.leaves.write_bytes(b"".join(leaves))


def bundle(path: Path) -> Path:
    call_command(
        "evidence", "--from", "2000-01-01", "--to", "2100-01-01", "--out", str(path),
        stdout=StringIO(), stderr=StringIO(),
    )  # fmt: skip
    return path


def by_script(path: Path, *options: str) -> int:
    """The exit status of a bundle's own verify.py, without the portal."""
    script = path.with_suffix(".py")
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        script.write_bytes(archive.read("verify.py"))
    argv = [sys.executable, "-I", "-S", str(script), str(path), *options]
    return subprocess.run(argv, capture_output=True, check=False, timeout=60).returncode


def table() -> str:
    """The matrix as a document."""
    lines = [
        "# Attack matrix",
        "",
        "What somebody does who owns the database and took its triggers off, what it takes besides, and",
        "who sees it. `tests/integration/test_attack_matrix.py` plays each row on SQLite and PostgreSQL, and",
        "writes this table. Status 1 of a command: altered; the portal's other parts refuse to go on.",
        "",
        "| done | takes besides the database | seen by (status) |",
        "|---|---|---|",
    ]
    for row in MATRIX:
        seen = "; ".join(f"{who} ({status})" for who, _, status in row.seen)
        lines.append(f"| {row.title} | {row.takes or 'nothing'} | {seen} |")
    two = "two histories for two auditors, each signed"
    seen = "each bundle's `verify.py` alone: nothing (0); `--anchor` with the other's: (1)"
    lines += [
        f"| {two} | the sealer's account | {seen} |",
        "",
        "What no ledger can see: an entry that the portal itself was made to write, and a command that ran",
        "past the portal. Against these stand least privilege, and facts read from the targets.",
        "",
    ]
    return "\n".join(lines)


def test_the_document_is_this_table() -> None:
    assert TABLE.read_text(encoding="utf-8") == table()
