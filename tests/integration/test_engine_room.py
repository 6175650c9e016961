"""How many runs begin at once: on one managed system, by one HMC, of one team."""

import threading
from typing import Any

import pytest
from django.db import connections

from inventory.models import Hmc, Host, Lpar, NimMaster
from liveupdate.actions.runs import start_run
from liveupdate.engine.claim import Claim, claimable, take, to_begin
from liveupdate.engine.journal import Journal
from liveupdate.models import Plan, Run, RunEvent
from liveupdate.records.locks import locks_of
from liveupdate.states import RunState
from portal.access.models import Team
from tests.integration.engine_world import World, make_world, sh

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.PORTAL_RUNS_PER_SYSTEM, settings.PORTAL_RUNS_PER_HMC = 2, 3


def queued(world: World) -> Run:
    return start_run(world.approved(world.plan([sh("look", "true")])).pk)


def other_system(world: World, name: str, hmc: Hmc) -> Run:
    return queued(world.neighbour(name, hmc))


def test_a_run_waits_until_its_managed_system_has_room_and_says_why() -> None:
    world = make_world()
    first, second, third = (queued(each) for each in (world, world.neighbour("b"), world.neighbour("c")))
    claims = [take(run.pk, "w1") for run in (first, second)]
    assert all(claims)
    assert take(third.pk, "w1") is None
    third.refresh_from_db()
    assert third.state == RunState.QUEUED
    assert third.reason == ("2 runs on p9 are under way, at most 2 may be: it begins when one has ended.")
    assert take(third.pk, "w2") is None
    assert RunEvent.objects.filter(run=third, data__reason=third.reason).count() == 1
    assert not claimable().exists()
    end(claims[0])
    assert list(claimable()) == [third]
    assert take(third.pk, "w1")


def test_an_hmc_serves_several_managed_systems() -> None:
    world = make_world()
    runs = [queued(world), *(other_system(world, name, world.lpar.hmc) for name in "bcd")]
    own = Hmc.objects.create(
        host=Host.objects.create(
            name="hmc02", kind="hmc", address="::1", account="a", credential=world.lpar.host.credential
        )
    )
    elsewhere = other_system(world, "e", own)
    assert [bool(take(run.pk, "w1")) for run in (*runs, elsewhere)] == [True, True, True, False, True]
    runs[3].refresh_from_db()
    assert runs[3].reason.startswith("3 runs on hmc01 are under way")


@pytest.mark.threat("T28")
@pytest.mark.asvs("2.4.1")
def test_a_team_does_not_take_all_places_from_others(settings: Any) -> None:
    settings.PORTAL_RUNS_PER_SYSTEM = settings.PORTAL_RUNS_PER_HMC = 9
    settings.PORTAL_RUNS_PER_TEAM = 2
    world = make_world()
    runs = [queued(each) for each in (world, *(world.neighbour(name) for name in "bcd"))]
    other = Team.objects.create(name="Webshop", slug="webshop")
    Lpar.objects.filter(pk=runs[3].lpar_id).update(team=other)
    claims = [take(run.pk, "w1") for run in runs]
    assert [bool(claim) for claim in claims] == [True, True, False, True]
    runs[2].refresh_from_db()
    assert runs[2].reason == (
        "2 runs of team Payroll are under way, at most 2 may be: it begins when one has ended."
    )
    places = [lock.run for lock in locks_of(runs[2].lpar) if lock.what == "1 of 2 places of team Payroll"]
    assert places == runs[:2]
    end(claims[0])
    assert take(runs[2].pk, "w1")


def test_a_run_that_waits_for_a_person_keeps_its_place_and_one_that_is_adopted_needs_none() -> None:
    world = make_world()
    first, second, third = (queued(each) for each in (world, world.neighbour("b"), world.neighbour("c")))
    claim = take(first.pk, "w1")
    assert claim and take(second.pk, "w1")
    journal = Journal(claim, {})
    with journal.writing():
        journal.move(journal.run(), RunState.RUNNING)
        journal.move(journal.run(), RunState.NEEDS_PERSON, reason="nobody knows")
    assert take(third.pk, "w1") is None
    Run.objects.filter(pk=second.pk).update(owner="", state=RunState.RUNNING)
    assert take(second.pk, "w2")


def test_a_worker_that_looks_around_tells_a_run_why_it_waits_once() -> None:
    world = make_world()
    runs = [queued(each) for each in (world, world.neighbour("b"), world.neighbour("c"))]
    for run in runs[:2]:
        take(run.pk, "w1")
    assert list(to_begin()) == [runs[2]]
    take(runs[2].pk, "w1")
    assert not to_begin().exists()


def test_of_many_that_begin_at_once_no_more_do_than_have_room() -> None:
    world = make_world()
    runs = [queued(each) for each in (world, *(world.neighbour(name) for name in "bcdef"))]
    barrier = threading.Barrier(len(runs))
    claims: list[Claim | None] = []

    def race(run: Run) -> None:
        barrier.wait()
        claims.append(take(run.pk, f"w{run.pk}"))
        connections.close_all()

    threads = [threading.Thread(target=race, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(claim is not None for claim in claims) == 2


def end(claim: Claim | None) -> None:
    assert claim
    journal = Journal(claim, {})
    with journal.writing():
        journal.move(journal.run(), RunState.REFUSED, outcome="a test")


def test_a_nim_master_follows_only_so_many_runs_and_others_do_not_count(settings: Any) -> None:
    settings.PORTAL_RUNS_PER_SYSTEM = settings.PORTAL_RUNS_PER_HMC = 9
    world = make_world()
    host = Host.objects.create(
        name="nim01", kind="nim_master", address="::1", account="a", credential=world.lpar.host.credential
    )
    master = NimMaster.objects.create(host=host, runs_at_once=1)
    worlds = [world, *(world.neighbour(name) for name in "bcd")]
    Lpar.objects.filter(pk__in=[each.lpar.pk for each in worlds]).update(nim_master=master)
    runs = [queued(each) for each in worlds]
    through_nim = [run.plan_id for run in runs[1:]]
    Plan.objects.filter(pk__in=through_nim).update(procedure="nim_live_update")
    assert [bool(take(run.pk, "w1")) for run in runs] == [True, True, False, False]
    runs[2].refresh_from_db()
    assert runs[2].reason == "1 runs on nim01 are under way, at most 1 may be: it begins when one has ended."
    master.runs_at_once = 2
    master.save()
    assert [bool(take(run.pk, "w1")) for run in runs[2:]] == [True, False]
