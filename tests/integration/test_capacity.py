"""What a run reserves of its managed system: of starts at once, no more than there is room for."""

import threading
from decimal import Decimal

import pytest
from django.db import connections

from inventory.facts.base import FactSet
from liveupdate.actions.runs import start_run
from liveupdate.lpar.capacity import Activatable, Capacity, Need, Room
from liveupdate.lpar.surrogate import Amount, Reservation
from liveupdate.models import Request, Run
from liveupdate.records.surrogates import neighbours, runs_on
from liveupdate.states import RunState
from portal.lib.errors import Conflict
from tests.integration.engine_world import World, make_world, sh

pytestmark = pytest.mark.django_db(transaction=True)


def capacity(free_mb: int = 20000, need_mb: int = 8192, started: frozenset[str] = frozenset()) -> Capacity:
    room = Room(Amount(131072, Decimal(16)), Amount(free_mb, Decimal(8)), Activatable("", 0, 0), started)
    return Capacity(Need(need_mb, 256, Decimal("0.5")), room)


def approved(world: World) -> Request:
    return world.approved(world.plan([sh("look", "true")]))


def test_of_starts_at_once_only_those_that_fit_take_the_last_memory() -> None:
    world = make_world()
    requests = [approved(each) for each in (world, *(world.neighbour(name) for name in "bcde"))]
    barrier = threading.Barrier(len(requests))
    refused: list[str] = []

    def race(request: Request) -> None:
        barrier.wait()
        try:
            start_run(request.pk, capacity=capacity())
        except Conflict as conflict:
            refused.append(conflict.message)
        connections.close_all()

    threads = [threading.Thread(target=race, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Run.objects.count() == 2
    assert len(refused) == 3
    assert all("p9 has no room: The surrogate needs 8192 MB of memory" in why for why in refused)
    assert set(Run.objects.values_list("surrogate_memory_mb", "surrogate_cores")) == {(8448, Decimal("0.5"))}


def test_a_run_that_is_over_gives_its_room_back() -> None:
    world = make_world()
    first, second = approved(world), approved(world.neighbour("b"))
    run = start_run(first.pk, capacity=capacity(free_mb=10000))
    with pytest.raises(Conflict, match=r"1552 MB are left beside R-\d+ \(pay01\)"):
        start_run(second.pk, capacity=capacity(free_mb=10000))
    Run.objects.filter(pk=run.pk).update(state=RunState.SUCCEEDED)
    assert start_run(second.pk, capacity=capacity(free_mb=10000))


def test_a_surrogate_that_runs_already_is_not_counted_twice() -> None:
    world = make_world()
    first, second = approved(world), approved(world.neighbour("b"))
    start_run(first.pk, capacity=capacity(free_mb=20000))
    left = capacity(free_mb=11000, started=frozenset({"pay01"}))
    assert start_run(second.pk, capacity=left)


def test_beside_a_run_that_takes_nobody_knows_what_none_starts() -> None:
    world = make_world()
    first, second = approved(world), approved(world.neighbour("b"))
    start_run(first.pk)
    with pytest.raises(Conflict, match="Nobody knows how much capacity R-"):
        start_run(second.pk, capacity=capacity(free_mb=99999))


def test_another_managed_system_is_another_matter() -> None:
    world = make_world()
    far = world.neighbour("far", world.lpar.hmc)
    start_run(approved(world).pk, capacity=capacity(free_mb=9000))
    assert start_run(approved(far).pk, capacity=capacity(free_mb=9000))


def test_neighbours_are_the_runs_and_what_is_approved_for_the_same_time() -> None:
    world = make_world()
    other, third = world.neighbour("b"), world.neighbour("c")
    start_run(approved(other).pk, capacity=capacity())
    same_time, own = approved(third), approved(world)
    later = third.approved(
        third.plan([sh("look", "true")]),
        starts_at=own.ends_at,
        ends_at=own.ends_at.replace(year=own.ends_at.year + 1),
    )
    running = Run.objects.get()
    expected = Reservation(f"{running.request} (b)", Amount(8448, Decimal("0.5")))
    assert neighbours(world.lpar, FactSet(), None) == (expected,)
    assert neighbours(world.lpar, FactSet(), own) == (expected, Reservation(f"{same_time} (c)", None))
    assert later.pk and list(runs_on(world.lpar.managed_system_id)) == [running]
