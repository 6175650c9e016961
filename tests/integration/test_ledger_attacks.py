"""The attack matrix: whoever can write the database, with triggers gone, is found out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from portal.audit import note
from portal.audit.actor import Actor
from portal.audit.chunks import store_chunk
from portal.audit.events import Event
from portal.audit.merkle import leaf_hash, root_of
from portal.audit.models import Checkpoint, Chunk, Entry, Intake, RunHead, Tile, Verification
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.audit.sequencer import Sequencer
from portal.audit.signer import SealRefused

SIGNED = (100, 300)
PLACED = 310
ENTERED = 315


def enter(first: int, last: int) -> None:
    for number in range(first, last):
        chunks = [store_chunk(b"output %d" % number)] if number % 10 == 0 else []
        with transaction.atomic():
            record(
                Event.CMD_OUT,
                Actor.worker("w1"),
                {"request": number % 3},
                {"n": number, "chunks": chunks},
                run=number % 3,
                epoch=1,
            )


@pytest.fixture
def ledger(db: Any) -> None:
    """315 entries of three runs: 300 signed (by two checkpoints), 10 in order only, 5 waiting."""
    enter(0, SIGNED[0])
    seal_now()
    enter(SIGNED[0], SIGNED[1])
    seal_now()
    enter(SIGNED[1], PLACED)
    Sequencer().place_all()
    enter(PLACED, ENTERED)


def verify() -> tuple[int, dict[str, Any]]:
    out = StringIO()
    try:
        call_command("audit_verify", json=True, stdout=out, stderr=StringIO())
    except SystemExit as ended:
        return int(str(ended.code)), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def intake(seq: int) -> Any:
    return Intake.objects.filter(entry__seq=seq)


def forged(seq: int) -> bytes:
    return bytes(intake(seq).get().content).replace(b'"n":', b'"n":1')


def edit_content() -> None:
    Intake.objects.filter(pk=intake(10).get().pk).update(content=forged(10))


def edit_everything_about(seq: int) -> None:
    content = forged(seq)
    leaf = leaf_hash(content)
    Intake.objects.filter(pk=intake(seq).get().pk).update(content=content, leaf=leaf)
    Entry.objects.filter(seq=seq).update(leaf=leaf)


def edit_and_rebuild_the_tree() -> None:
    edit_everything_about(10)
    leaves = [bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True)]
    Tile.objects.update(root=root_of(leaves[:256]))
    key = Ed25519PrivateKey.generate()
    for row in Checkpoint.objects.all():
        root = root_of(leaves[: row.size])
        text = note.sign(note.Head(row.size, root), settings.LEDGER_ORIGIN, key)
        Checkpoint.objects.filter(pk=row.pk).update(root=root, note=text)


def edit_without_the_signers_list() -> None:
    Path(settings.LEDGER_SIGNER_STATE + ".leaves").unlink()
    edit_everything_about(110)


def edit_a_copy() -> None:
    Intake.objects.filter(pk=intake(12).get().pk).update(event="cmd.end")


def change_the_time() -> None:
    Intake.objects.filter(pk=intake(12).get().pk).update(at="2026-01-01T00:00:00Z")


def delete_content() -> None:
    Intake.objects.filter(pk=intake(20).get().pk)._raw_delete("default")


def delete_entry() -> None:
    key = intake(20).get().pk
    Entry.objects.filter(seq=20)._raw_delete("default")
    Intake.objects.filter(pk=key)._raw_delete("default")


def delete_a_late_entry() -> None:
    Entry.objects.filter(seq=290)._raw_delete("default")


def delete_and_close_the_gap() -> None:
    delete_entry()
    for seq in range(21, PLACED):
        Entry.objects.filter(seq=seq).update(seq=seq - 1)


def insert_in_the_middle() -> None:
    with transaction.atomic():
        fresh = record(Event.APPROVAL_GRANT, Actor.person("u_x"), {}, {})
    for seq in range(PLACED - 1, 29, -1):
        Entry.objects.filter(seq=seq).update(seq=seq + 1)
    Entry.objects.create(seq=30, intake=fresh, leaf=fresh.leaf)


def swap_two() -> None:
    for old, new in ((40, 999), (41, 40), (999, 41)):
        Entry.objects.filter(seq=old).update(seq=new)


def swap_two_of_different_runs_in_place() -> None:
    rows = {seq: Entry.objects.get(seq=seq) for seq in (40, 41)}
    Entry.objects.filter(seq__in=(40, 41))._raw_delete("default")
    for seq, other in ((40, 41), (41, 40)):
        Entry.objects.create(seq=seq, intake_id=rows[other].intake_id, leaf=rows[other].leaf)


def restore_an_older_database() -> None:
    keys = list(Entry.objects.filter(seq__gte=250).values_list("intake_id", flat=True))
    Entry.objects.filter(seq__gte=250)._raw_delete("default")
    Intake.objects.filter(pk__gte=min(keys))._raw_delete("default")
    Checkpoint.objects.filter(size__gt=250)._raw_delete("default")
    Tile.objects.all()._raw_delete("default")
    for run in range(3):
        RunHead.objects.filter(run=run).update(rs=Intake.objects.filter(run=run).count())


def empty_everything() -> None:
    for model in (Entry, Intake, Checkpoint, Tile, RunHead):
        model.objects.all()._raw_delete("default")


def edit_chunk() -> None:
    Chunk.objects.filter(digest=chunk_of(50)).update(content=b"nonsense")


def swap_chunk() -> None:
    Chunk.objects.filter(digest=chunk_of(50)).update(content=Chunk.objects.get(digest=chunk_of(60)).content)


def delete_chunk() -> None:
    Chunk.objects.filter(digest=chunk_of(50))._raw_delete("default")


def chunk_of(seq: int) -> str:
    return str(json.loads(bytes(intake(seq).get().content))["d"]["chunks"][0])


def delete_checkpoint() -> None:
    Checkpoint.objects.filter(size=100)._raw_delete("default")


def swap_signature() -> None:
    first, second = Checkpoint.objects.order_by("size")
    signature = first.note.splitlines()[-1]
    Checkpoint.objects.filter(pk=second.pk).update(note=second.note.split("— ")[0] + signature + "\n")


def alter_the_checkpoints_row() -> None:
    Checkpoint.objects.filter(size=100).update(size=101)


def edit_the_anchor_file() -> None:
    path = Path(settings.LEDGER_ANCHOR_FILE)
    path.write_text(path.read_text().splitlines()[1] + "\n")


def remove_the_anchor_file() -> None:
    Path(settings.LEDGER_ANCHOR_FILE).unlink()


def edit_an_unsigned_entry() -> None:
    edit_everything_about(305)


def waiting(number: int) -> Any:
    return Intake.objects.filter(entry=None).order_by("id")[number]


def edit_a_waiting_entry() -> None:
    row = waiting(2)
    content = bytes(row.content).replace(b'"n":', b'"n":1')
    Intake.objects.filter(pk=row.pk).update(content=content, leaf=leaf_hash(content))


def edit_the_content_of_a_waiting_entry() -> None:
    Intake.objects.filter(pk=waiting(2).pk).update(content=b"{}")


def delete_a_waiting_entry() -> None:
    Intake.objects.filter(pk=waiting(4).pk)._raw_delete("default")


def forge_a_waiting_entry() -> None:
    content = bytes(waiting(0).content)
    Intake.objects.create(
        content=content, leaf=leaf_hash(content), mac=b"\x00" * 32, event="cmd.out", actor_kind="worker",
        actor_id="w1", at="2026-01-01T00:00:00Z",
    )  # fmt: skip


def lower_a_runs_counter() -> None:
    RunHead.objects.filter(run=1).update(rs=3)


def put_an_entry_before_the_first() -> None:
    row = waiting(0)
    Entry.objects.create(seq=-1, intake=row, leaf=row.leaf)


def alter_a_tile() -> None:
    Tile.objects.update(root=b"\x00" * 32)


@dataclass(frozen=True)
class Case:
    attack: Callable[[], None]
    seq: int | None
    says: str


CASES = [
    Case(edit_content, 10, "Entry 10 (cmd.out): its content was altered"),
    Case(lambda: edit_everything_about(10), 10, "it is not the entry that was signed"),
    Case(edit_and_rebuild_the_tree, 10, "it is not the entry that was signed"),
    Case(edit_without_the_signers_list, 100, "Entries 100 to 299 are not those that were signed"),
    Case(edit_a_copy, 12, "the copy of event"),
    Case(change_the_time, 12, "the copy of at"),
    Case(delete_content, 20, "its content is missing"),
    Case(delete_entry, 20, "Entry 20 is missing"),
    Case(delete_and_close_the_gap, 20, "it is not the entry that was signed"),
    Case(insert_in_the_middle, 30, "it is not the entry that was signed"),
    Case(swap_two, 40, "it is not the entry that was signed"),
    Case(swap_two_of_different_runs_in_place, 40, "it is not the entry that was signed"),
    Case(restore_an_older_database, 250, "Entries 250 to 299 are missing"),
    Case(empty_everything, 0, "Entries 0 to 299 are missing"),
    Case(edit_chunk, 50, "cannot be decompressed"),
    Case(swap_chunk, 50, "was altered"),
    Case(delete_chunk, 50, "is missing"),
    Case(delete_checkpoint, None, "The checkpoint at 100 entries is missing in the database"),
    Case(swap_signature, None, "signature"),
    Case(alter_the_checkpoints_row, None, "its row was altered"),
    Case(edit_the_anchor_file, None, "The checkpoint at 100 entries is missing in"),
    Case(remove_the_anchor_file, None, "The checkpoint at 100 entries is missing in"),
    Case(edit_an_unsigned_entry, 305, "was not written by this portal"),
    Case(edit_a_waiting_entry, None, "was not written by this portal"),
    Case(edit_the_content_of_a_waiting_entry, None, "its content was altered"),
    Case(delete_a_waiting_entry, None, "are missing"),
    Case(forge_a_waiting_entry, None, "was not written by this portal"),
    Case(lower_a_runs_counter, None, "The counter of run 1 was altered"),
    Case(put_an_entry_before_the_first, None, "at the place -1"),
    Case(alter_a_tile, None, "tile 0"),
]


@pytest.mark.usefixtures("ledger")
def test_an_intact_ledger_is_good() -> None:
    status, report = verify()
    assert (status, report["ok"], report["first_bad"]) == (0, True, None)
    assert (report["size"], report["checkpoint_size"], report["checkpoints"]) == (PLACED, 300, 2)
    assert (report["unsigned"], report["unsealed"]) == (10, 5)
    assert (report["runs"], report["chunks"], report["warnings"]) == (3, 32, [])
    assert Verification.objects.get().ok


@pytest.mark.threat("T31")
@pytest.mark.asvs("16.4.2")
@pytest.mark.usefixtures("ledger", "unprotected")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_an_attack_is_seen_and_the_first_bad_entry_named(case: Case) -> None:
    case.attack()
    status, report = verify()
    assert status == 1
    assert report["first_bad"]["seq"] == case.seq
    assert any(case.says in problem["message"] for problem in report["problems"][:3]), report["problems"]
    kept = Verification.objects.get()
    assert not kept.ok
    assert kept.first_bad == report["first_bad"]["message"]


@pytest.mark.usefixtures("ledger", "unprotected")
@pytest.mark.parametrize(
    "attack",
    [
        *(restore_an_older_database, empty_everything, delete_a_late_entry, edit_an_unsigned_entry),
        *(edit_a_waiting_entry, forge_a_waiting_entry, edit_without_the_signers_list),
    ],
)
def test_the_signer_never_signs_what_was_tampered_with(attack: Callable[[], None]) -> None:
    before = Path(settings.LEDGER_ANCHOR_FILE).read_text()
    attack()
    with pytest.raises(SealRefused):
        seal_now()
    assert Path(settings.LEDGER_ANCHOR_FILE).read_text() == before


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("name", ["LEDGER_KEY_FILE", "LEDGER_SIGNER_STATE"])
def test_a_lost_key_or_memory_is_never_replaced_silently(name: str) -> None:
    Path(getattr(settings, name)).unlink()
    with pytest.raises(SealRefused, match="lost"):
        seal_now()
    assert not Path(getattr(settings, name)).exists()


@pytest.mark.usefixtures("ledger")
def test_a_damaged_memory_is_refused_and_reported() -> None:
    path = Path(settings.LEDGER_SIGNER_STATE)
    path.write_text(path.read_text().replace('"size":300', '"size":299'))
    with pytest.raises(SealRefused):
        seal_now()
    assert verify()[0] == 1


@pytest.mark.usefixtures("ledger")
def test_a_missing_verifier_key_is_said() -> None:
    Path(settings.LEDGER_KEY_FILE + ".pub").unlink()
    with pytest.raises(CommandError, match=r"verifier key .* is missing"):
        verify()


@pytest.mark.usefixtures("ledger", "unprotected")
def test_a_missing_trigger_is_a_warning() -> None:
    status, report = verify()
    assert status == 0
    assert any("Trigger ledger_intake_no_" in warning for warning in report["warnings"])


@pytest.mark.usefixtures("ledger", "unprotected")
def test_a_checkpoint_that_was_remembered_but_not_published_is_published_at_the_next_round() -> None:
    Checkpoint.objects.filter(size=300)._raw_delete("default")
    anchor = Path(settings.LEDGER_ANCHOR_FILE)
    anchor.write_text(anchor.read_text().splitlines()[0] + "\n")
    Entry.objects.filter(seq__gte=300)._raw_delete("default")
    Intake.objects.filter(entry=None)._raw_delete("default")
    RunHead.objects.update(rs=100)
    assert verify()[0] == 0
    checkpoint = seal_now()
    assert checkpoint is not None
    assert checkpoint.size == 300
    assert anchor.read_text().count("checkpoint") == 2
    assert verify()[0] == 0


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(("cut", "says"), [(0, "is damaged"), (32, "was cut"), (5, "was cut")])
def test_a_damaged_list_of_leaves_is_reported_and_no_entry_blamed(cut: int, says: str) -> None:
    path = Path(settings.LEDGER_SIGNER_STATE + ".leaves")
    leaves = bytearray(path.read_bytes())
    leaves[3200] ^= 1
    path.write_bytes(leaves[: len(leaves) - cut])
    status, report = verify()
    assert status == 1
    assert [problem["message"].endswith(f"{says}.") for problem in report["problems"]] == [True]
