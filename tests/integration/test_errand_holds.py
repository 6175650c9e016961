"""A look, a plan or a start is held while its worker lives, and free soon after it died."""

import threading
import time
from typing import Any

import pytest
from django.db import connections
from django.db.models.functions import Now

from inventory.models import Lpar
from liveupdate.actions.errands import free, held
from tests.integration.engine_world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
LEASE_S = 0.6
RUN_LEASE_S = 3 * LEASE_S


@pytest.fixture
def world(settings: Any) -> World:
    settings.PORTAL_LEASE_S = RUN_LEASE_S
    return make_world()


def rows(world: World) -> Any:
    return Lpar.objects.filter(pk=world.lpar.pk)


def is_free(world: World) -> bool:
    return bool(rows(world).filter(free("looking_until")).exists())


def test_one_holds_and_keeps_holding_while_it_works(world: World) -> None:
    with held(rows(world), "looking_until") as mine:
        assert mine
        until = time.monotonic() + 3 * LEASE_S
        while time.monotonic() < until:
            assert not is_free(world)
            with held(rows(world), "looking_until") as another:
                assert not another
            time.sleep(0.05)


def test_of_many_one_holds(world: World) -> None:
    gate, done = threading.Barrier(6), threading.Event()
    won: list[bool] = []

    def grab() -> None:
        gate.wait()
        with held(rows(world), "looking_until") as mine:
            won.append(mine)
            done.wait(10)
        connections.close_all()

    threads = [threading.Thread(target=grab) for _ in range(6)]
    for thread in threads:
        thread.start()
    while len(won) < 6:
        time.sleep(0.01)
    done.set()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 5 + [True]


def test_what_the_work_gave_up_is_not_taken_again(world: World) -> None:
    with held(rows(world), "looking_until") as mine:
        assert mine
        rows(world).update(looking_until=None)
        time.sleep(LEASE_S)
        assert is_free(world)


def test_what_a_dead_worker_held_is_free_after_the_lease(world: World) -> None:
    rows(world).update(looking_until=Now())
    time.sleep(0.05)
    with held(rows(world), "looking_until") as mine:
        assert mine
