"""Ordering and signing: nothing is overlooked, nothing is ordered twice, idle time is sealed."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from portal.audit import sealer as sealing
from portal.audit import sequencer as sequencing
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.merkle import root_of
from portal.audit.models import Checkpoint, Entry, Intake, Tile, Verification
from portal.audit.record import record
from portal.audit.sealer import Sealer, seal_now
from portal.audit.sequencer import Sequencer
from portal.audit.state import ledger_state
from portal.audit.verification.whole import verify_ledger

WRITERS, ENTRIES_EACH = 8, 25
ROOT = Path(__file__).resolve().parents[2]


def enter(count: int = 1, event: Event = Event.STEP_START) -> None:
    with transaction.atomic():
        for number in range(count):
            record(event, Actor.worker("w1"), {}, {"n": number})


@pytest.mark.django_db
def test_entries_are_placed_in_order_without_gap_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencing, "BATCH", 7)
    sequencer = Sequencer()
    enter(20)
    assert sequencer.place_all() == range(20)
    assert sequencer.place_all() == range(20, 20)
    enter(14)
    assert sequencer.place_all() == range(20, 34)
    rows = list(Entry.objects.values_list("seq", "intake_id"))
    assert rows == list(enumerate(Intake.objects.values_list("id", flat=True)))


@pytest.mark.django_db
def test_a_straggler_with_a_lower_id_is_placed_too() -> None:
    sequencer = Sequencer()
    enter(3)
    late = Intake.objects.order_by("id")[1]
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, leaf, mac FROM ledger_intake WHERE id = %s", [late.pk])
    free = Intake.objects.order_by("-id")[0].pk + 10
    copy = {field: getattr(late, field) for field in ("content", "leaf", "mac", "event", "actor_kind")}
    Intake.objects.create(pk=free, actor_id="w1", at=late.at, **copy)
    assert len(sequencer.place_all()) == 4
    Intake.objects.create(pk=free - 5, actor_id="w1", at=late.at, **copy)
    assert sequencer.place_all() == range(4, 5)


@pytest.mark.django_db
def test_a_straggler_far_below_comes_with_the_full_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencing, "WINDOW", 2)
    sequencer = Sequencer()
    enter(1)
    first = Intake.objects.get()
    copy = {field: getattr(first, field) for field in ("content", "leaf", "mac", "event", "actor_kind")}
    Intake.objects.create(pk=first.pk + 50, actor_id="w1", at=first.at, **copy)
    assert len(sequencer.place_all()) == 2
    Intake.objects.create(pk=first.pk + 1, actor_id="w1", at=first.at, **copy)
    assert len(sequencer.place_all()) == 0
    monkeypatch.setattr(sequencing, "FULL_SCAN_S", 0)
    assert sequencer.place_all() == range(2, 3)


@pytest.mark.django_db
def test_full_tiles_are_stored_at_every_level() -> None:
    enter(600)
    Sequencer().place_all()
    leaves = [bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True)]
    tiles = {(tile.level, tile.position): bytes(tile.root) for tile in Tile.objects.all()}
    assert tiles == {(0, 0): root_of(leaves[:256]), (0, 1): root_of(leaves[256:512])}


@pytest.mark.django_db(transaction=True)
def test_writers_and_two_sequencers_at_once_leave_no_gap() -> None:
    stop, failures = threading.Event(), list[BaseException]()

    def thread(work: Callable[[int], None], number: int) -> threading.Thread:
        def run() -> None:
            try:
                work(number)
            except BaseException as error:  # noqa: BLE001 - the test reports it
                failures.append(error)
            finally:
                connection.close()

        started = threading.Thread(target=run)
        started.start()
        return started

    placing = [thread(lambda _: place_until(stop), number) for number in range(2)]
    writing = [thread(lambda number: write(number % 3), number) for number in range(WRITERS)]
    for each in writing:
        each.join()
    stop.set()
    for each in placing:
        each.join()
    assert failures == []
    seal_now()
    report = verify_ledger()
    assert (report.ok, report.size, report.unsealed) == (True, WRITERS * ENTRIES_EACH, 0)


def write(run: int) -> None:
    for number in range(ENTRIES_EACH):
        with transaction.atomic():
            record(Event.CMD_OUT, Actor.worker("w"), {}, {"n": number}, run=run, epoch=1)


def place_until(stop: threading.Event) -> None:
    sequencer = Sequencer()
    while not stop.is_set():
        sequencer.place_all()
        time.sleep(0.01)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(sealing.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.django_db
def test_checkpoints_come_after_a_minute_after_256_entries_and_with_a_runs_end(clock: list[float]) -> None:
    sealer = Sealer()
    sealer.round()
    assert not Checkpoint.objects.exists()

    def sizes_after(seconds: float) -> list[int]:
        clock[0] += seconds
        sealer.round()
        return list(Checkpoint.objects.values_list("size", flat=True))

    enter(3)
    assert sizes_after(1) == []
    assert sizes_after(58) == []
    assert sizes_after(3) == [3]
    enter(256)
    assert sizes_after(1) == [3, 259]
    enter(1)
    assert sizes_after(1) == [3, 259]
    enter(1, Event.RUN_END)
    assert sizes_after(1) == [3, 259, 261]


@pytest.mark.django_db
def test_idle_time_is_sealed_by_a_tick_every_five_minutes(clock: list[float]) -> None:
    sealer = Sealer()
    enter(2)
    sealer.round()
    clock[0] += 299
    sealer.round()
    assert not Intake.objects.filter(event=Event.LEDGER_TICK).exists()
    for expected in (1, 2):
        clock[0] += 301
        sealer.round()
        assert Intake.objects.filter(event=Event.LEDGER_TICK).count() == expected
    assert list(Checkpoint.objects.values_list("size", flat=True)) == [2, 3, 4]
    assert verify_ledger().ok


@pytest.mark.django_db
@pytest.mark.usefixtures("unprotected")
def test_a_refusal_to_sign_is_an_alarm_once(clock: list[float]) -> None:
    sealer = Sealer()
    enter(5)
    sealer.round()
    Entry.objects.filter(seq=4).update(leaf=b"\x00" * 32)
    for _ in range(3):
        enter()
        clock[0] += 61
        sealer.round()
    assert Verification.objects.filter(ok=False).count() == 1
    assert Intake.objects.filter(event=Event.LEDGER_ALARM).count() == 1
    assert ledger_state().verdict == "bad"


@pytest.mark.django_db
def test_the_sealer_outlives_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    sealer, stop = Sealer(), threading.Event()
    calls: list[int] = []

    def place_all() -> range:
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError("gone")
        stop.set()
        return range(0)

    monkeypatch.setattr(sealing, "RETRY_S", 0.01)
    monkeypatch.setattr(sealing.connection, "close", lambda: None)
    monkeypatch.setattr(sealer.sequencer, "place_all", place_all)
    sealer.run(stop)
    assert len(calls) == 3


@pytest.mark.threat("T6")
@pytest.mark.asvs("13.3.2")
@pytest.mark.django_db
def test_key_and_memory_are_the_signers_alone() -> None:
    enter()
    seal_now()
    for name in (settings.LEDGER_KEY_FILE, settings.LEDGER_SIGNER_STATE):
        assert Path(name).stat().st_mode & 0o777 == 0o600
    assert Path(settings.LEDGER_KEY_FILE + ".pub").stat().st_mode & 0o777 == 0o644


@pytest.mark.django_db
def test_the_state_says_what_is_signed() -> None:
    assert (ledger_state().verdict, ledger_state().overdue) == ("never", False)
    enter(3)
    assert ledger_state().overdue
    seal_now()
    assert not ledger_state().overdue
    assert replace(ledger_state(), checkpoint_age_s=601.0).overdue
    enter(2)
    Sequencer().place_all()
    enter(1)
    state = ledger_state()
    assert (state.size, state.signed, state.unsigned, state.waiting) == (5, 3, 2, True)
    assert state.checkpoint_age_s is not None
    assert state.checkpoint_age_s < 60


@pytest.mark.deep
def test_the_sealer_process_seals_and_ends_at_sigterm(tmp_path: Path) -> None:
    env = {**os.environ, "PORTAL_VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    env.pop("DATABASE_URL", None)
    subprocess.run([sys.executable, "-c", MIGRATE_AND_ENTER], cwd=ROOT, env=env, check=True, timeout=90)
    process = subprocess.Popen([sys.executable, "manage.py", "audit_sealer"], cwd=ROOT, env=env)
    try:
        anchor = tmp_path / "ledger" / "checkpoints.log"
        deadline = time.monotonic() + 60
        while not anchor.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
    with closing(sqlite3.connect(tmp_path / "portal.sqlite3")) as database:
        notes = [note for (note,) in database.execute("SELECT note FROM ledger_checkpoint")]
    assert [json.loads(line)["checkpoint"] for line in anchor.read_text().splitlines()] == notes
    assert len(notes) == 1


MIGRATE_AND_ENTER = """
import django
django.setup()
from django.core.management import call_command
from django.db import transaction
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
call_command("migrate", verbosity=0)
with transaction.atomic():
    record(Event.APP_START, Actor.portal(), {}, {})
"""
