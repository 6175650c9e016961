"""Claims: one winner, by the database's clock; a stale owner can write nothing."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from liveupdate.actions.runs import start_run
from liveupdate.engine import claim as claim_module
from liveupdate.engine.claim import Claim, LostClaim, claimable, end_leases, take
from liveupdate.engine.journal import Journal
from liveupdate.engine.keeper import tend
from liveupdate.models import Run
from liveupdate.states import RunState
from portal.audit.events import Event
from portal.audit.models import Intake
from tests.integration.engine_world import make_world, sh


def queued_run() -> Run:
    world = make_world()
    return start_run(world.approved(world.plan([sh("look", "true")])).pk)


def expire_lease(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.threat("T22")
@pytest.mark.asvs("2.3.4")
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_exactly_one_wins_each_epoch() -> None:
    run = queued_run()
    rounds, workers = 10, 6
    for expected in range(1, rounds + 1):
        claims: list[Claim] = []
        barrier = threading.Barrier(workers)

        def race(name: str, claims: list[Claim] = claims, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            claim = take(run.pk, name)
            connections.close_all()
            if claim:
                claims.append(claim)

        threads = [threading.Thread(target=race, args=(f"w{number}",)) for number in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert [claim.epoch for claim in claims] == [expected]
        expire_lease(run)


@pytest.mark.django_db(transaction=True)
def test_a_claim_is_in_the_ledger_with_run_and_epoch() -> None:
    run = queued_run()
    assert take(run.pk, "w1")
    expire_lease(run)
    assert take(run.pk, "w2")
    entries = [json.loads(bytes(intake.content)) for intake in Intake.objects.filter(run=run.pk)]
    assert [(entry["t"], entry["rs"], entry["sub"].get("epoch")) for entry in entries] == [
        ("run.queue", 1, None),
        ("run.claim", 2, 1),
        ("run.adopt", 3, 2),
    ]
    assert entries[2]["d"]["owner_before"] == "w1"


@pytest.mark.django_db(transaction=True)
def test_a_stale_owner_writes_nothing() -> None:
    run = queued_run()
    old = take(run.pk, "w1")
    assert old
    expire_lease(run)
    assert take(run.pk, "w2")
    journal = Journal(old, {})
    before = Intake.objects.count()
    with pytest.raises(LostClaim), journal.writing():
        journal.move(journal.run(), RunState.RUNNING)
    assert Intake.objects.count() == before
    assert Run.objects.get(pk=run.pk).state == RunState.QUEUED
    with pytest.raises(LostClaim):
        old.check()


@pytest.mark.threat("T22")
@pytest.mark.django_db(transaction=True)
def test_the_ledger_itself_refuses_an_older_epoch() -> None:
    from django.db import transaction

    from portal.audit.record import StaleEpoch

    run = queued_run()
    old = take(run.pk, "w1")
    assert old
    expire_lease(run)
    take(run.pk, "w2")
    journal = Journal(old, {})
    with pytest.raises(StaleEpoch), transaction.atomic(), journal.page():
        journal.enter(Event.STEP_START, {})


@pytest.mark.threat("T22")
@pytest.mark.django_db(transaction=True)
def test_a_run_under_lease_or_over_is_not_claimable() -> None:
    run = queued_run()
    claim = take(run.pk, "w1")
    assert claim
    assert take(run.pk, "w2") is None
    assert not claimable().exists()
    journal = Journal(claim, {})
    with journal.writing():
        held = journal.run()
        journal.move(held, RunState.RUNNING)
        journal.move(held, RunState.NEEDS_PERSON, reason="nobody knows")
    assert take(run.pk, "w2") is None


@pytest.mark.django_db(transaction=True)
def test_the_keeper_renews_notices_loss_and_passes_on_aborts() -> None:
    run = queued_run()
    claim = take(run.pk, "w1")
    assert claim
    expire_lease(run)
    tend([claim], renew=True)
    assert not claimable().exists()
    assert not claim.abort_asked.is_set()
    Run.objects.filter(pk=run.pk).update(abort_asked_at=timezone.now())
    tend([claim], renew=False)
    assert claim.abort_asked.is_set()
    expire_lease(run)
    assert take(run.pk, "w2")
    tend([claim], renew=True)
    assert claim.lost.is_set()
    assert Run.objects.get(pk=run.pk).owner == "w2"


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_was_frozen_past_its_lease_knows_it_by_itself() -> None:
    run = queued_run()
    claim = take(run.pk, "w1")
    assert claim
    claim.fresh_until -= 3600
    with pytest.raises(LostClaim):
        claim.check()


@pytest.mark.django_db(transaction=True)
def test_a_successor_need_not_wait_for_the_lease_of_who_is_known_to_be_dead() -> None:
    run = queued_run()
    assert take(run.pk, "host:seat/1:aa")
    end_leases("host:other/", besides="host:other/2:bb")
    end_leases("host:seat/", besides="host:seat/1:aa")
    assert not claimable().exists()
    end_leases("host:seat/", besides="host:seat/2:bb")
    claim = take(run.pk, "host:seat/2:bb")
    assert claim
    assert claim.epoch == 2


@pytest.mark.parametrize("hours", [1, -1])
@pytest.mark.django_db(transaction=True)
def test_a_claim_says_by_how_much_the_workers_clock_goes_wrong(
    hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, right = queued_run(), claim_module.now
    monkeypatch.setattr(claim_module, "now", lambda: right() + timedelta(hours=hours))
    assert take(run.pk, "w1")
    entry = Intake.objects.get(event="run.claim")
    ahead = json.loads(bytes(entry.content))["d"]["clock_ahead_ms"]
    assert abs(ahead - hours * 3_600_000) < 60_000
