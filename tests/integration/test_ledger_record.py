"""Entering the ledger: exact bytes, transactions, numbering, fencing, append-only tables."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog.testing
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from portal.audit import triggers
from portal.audit.actor import Actor
from portal.audit.chunks import ChunkTooLarge, load_chunk, store_chunk
from portal.audit.entry import EntryTooLarge
from portal.audit.events import Event
from portal.audit.merkle import leaf_hash
from portal.audit.models import Chunk, Intake, RunHead
from portal.audit.record import NotInTransaction, StaleEpoch, record
from portal.lib.canonical import canonical_json

WORKER = Actor.worker("w1")


def enter(run: int | None = None, epoch: int | None = None, **data: Any) -> Intake:
    return record(Event.STEP_START, WORKER, {"step": "update"}, data, run=run, epoch=epoch)


@pytest.mark.asvs("16.2.1", "16.2.2")
@pytest.mark.django_db
def test_an_entry_is_canonical_and_says_who_did_what() -> None:
    intake = record(
        Event.REQUEST_SUBMIT, Actor.person("u_1"), {"request": 104, "lpar": "pay01"}, {"why": "größer"}
    )
    content = bytes(Intake.objects.get(pk=intake.pk).content)
    document = json.loads(content)
    assert canonical_json(document) == content
    assert document["t"] == "request.submit"
    assert document["actor"] == {"k": "user", "id": "u_1"}
    assert document["sub"] == {"request": 104, "lpar": "pay01"}
    assert document["d"] == {"why": "größer"}
    assert (intake.leaf, intake.request) == (leaf_hash(content), "104")


@pytest.mark.asvs("2.3.3")
@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused() -> None:
    with pytest.raises(NotInTransaction):
        enter()
    assert not Intake.objects.exists()


@pytest.mark.asvs("2.3.3")
@pytest.mark.django_db(transaction=True)
def test_an_entry_vanishes_with_the_change_that_it_records() -> None:
    with transaction.atomic():
        enter(run=1, epoch=1)
    with pytest.raises(RuntimeError), transaction.atomic():
        enter(run=1, epoch=1)
        raise RuntimeError
    with transaction.atomic():
        assert enter(run=1, epoch=1).rs == 2


@pytest.mark.django_db
def test_a_run_numbers_its_entries_whoever_writes_them() -> None:
    numbers = [enter(run=1, epoch=1).rs, enter(run=2, epoch=1).rs, enter(run=1).rs, enter(run=1, epoch=2).rs]
    assert numbers == [1, 1, 2, 3]
    assert enter().rs is None


@pytest.mark.django_db
def test_an_older_epoch_is_refused_and_leaves_no_gap() -> None:
    enter(run=1, epoch=3)
    with pytest.raises(StaleEpoch):
        enter(run=1, epoch=2)
    assert enter(run=1, epoch=3).rs == 2


@pytest.mark.django_db
def test_the_database_refuses_an_older_epoch_too() -> None:
    enter(run=1, epoch=3)
    row = Intake(
        content=b"{}", leaf=b"", mac=b"", event="x", actor_kind="worker", actor_id="w", run=1, rs=2, epoch=2,
        at="2026-11-22T13:00:00Z",
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.django_db
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(EntryTooLarge):
        enter(text="x" * 60_000)
    with pytest.raises(ChunkTooLarge):
        store_chunk(b"x" * 65_537)
    with pytest.raises(TypeError):
        enter(seconds=1.5)


@pytest.mark.django_db
def test_the_same_chunk_is_kept_once_and_comes_back_as_it_went_in() -> None:
    content = bytes(range(256)) * 256
    assert store_chunk(content) == store_chunk(content)
    assert Chunk.objects.count() == 1
    assert load_chunk(store_chunk(content)) == content


CHANGES = {
    "update": "UPDATE ledger_intake SET event = 'x'",
    "delete": "DELETE FROM ledger_intake",
    "delete chunk": "DELETE FROM ledger_chunk",
    "truncate": "TRUNCATE ledger_intake CASCADE",
    "replace": "INSERT OR REPLACE INTO ledger_intake (id, content, leaf, mac, event, actor_kind, actor_id, "
    "request, at) SELECT id, x'00', leaf, mac, event, actor_kind, actor_id, request, at FROM ledger_intake",
}


@pytest.mark.threat("T31")
@pytest.mark.asvs("16.4.2")
@pytest.mark.django_db
@pytest.mark.parametrize("attack", CHANGES)
def test_the_tables_only_grow(attack: str) -> None:
    enter()
    store_chunk(b"output")
    if attack in {"truncate": "sqlite", "replace": "postgresql"} and connection.vendor != {
        "truncate": "postgresql", "replace": "sqlite"
    }[attack]:  # fmt: skip
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA recursive_triggers=OFF")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(CHANGES[attack])
    with pytest.raises(IntegrityError), transaction.atomic():
        Intake.objects.all().delete()


@pytest.mark.django_db
def test_a_chunk_cannot_be_replaced() -> None:
    name = store_chunk(b"output")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT OR REPLACE INTO ledger_chunk VALUES (%s, x'00')", [name])
    assert load_chunk(name) == b"output"


@pytest.mark.django_db
def test_a_missing_trigger_is_an_error_of_the_system_check() -> None:
    assert triggers.missing(connection) == []
    assert [m for m in run_checks(databases=["default"]) if m.id == "audit.E001"] == []
    name = triggers.names(connection.vendor)[0]
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else " ON ledger_intake")
        )
    messages = [m.msg for m in run_checks(databases=["default"]) if m.id == "audit.E001"]
    assert messages and name in messages[0]
    triggers.install(connection)
    assert triggers.missing(connection) == []


@pytest.mark.django_db
def test_the_heads_follow_the_entries() -> None:
    enter(run=7, epoch=4)
    enter(run=7)
    head = RunHead.objects.get(run=7)
    assert (head.rs, head.epoch) == (2, 4)


@pytest.mark.django_db
def test_migrate_puts_a_missing_trigger_back_and_says_so(capture_logs: list[dict[str, Any]]) -> None:
    name = triggers.names(connection.vendor)[0]
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else " ON ledger_intake")
        )
    call_command("migrate", verbosity=0)
    assert triggers.missing(connection) == []
    assert [entry["names"] for entry in capture_logs if entry["event"] == "ledger.triggers_were_missing"] == [
        [name]
    ]


@pytest.fixture
def capture_logs() -> Iterator[list[dict[str, Any]]]:
    with structlog.testing.capture_logs() as entries:
        yield entries
