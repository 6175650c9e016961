"""Whose facts are read when: schedules of groups, turns, limits, and facts that are too old."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connections

from inventory.filters import LparFilter
from inventory.models import Hmc, Lpar
from liveupdate.actions.looks import ask_for_look, do_look, look_in_turn, waiting_looks
from liveupdate.actions.schedules import (
    JITTER,
    give_turns,
    remove_schedule,
    schedule_of,
    set_next_turn,
    set_schedule,
)
from liveupdate.models import RefreshSchedule
from liveupdate.queries import posture
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
Names = list[str]


@pytest.fixture
def fleet(settings: Any) -> Fleet:
    settings.PORTAL_LOOKS_PER_HMC, settings.PORTAL_LOOKS_AT_ONCE = 2, 8
    return make_fleet()


@pytest.fixture
def looked() -> Iterator[list[int]]:
    """What was looked at, instead of by SSH."""
    done: list[int] = []

    def look_at(lpar: Lpar, _actor: Actor) -> None:
        done.append(lpar.pk)
        Lpar.objects.filter(pk=lpar.pk).update(facts_read_at=now())
        set_next_turn(lpar)

    with mock.patch("liveupdate.actions.looks.look_at", look_at), mock.patch("liveupdate.actions.looks.ring"):
        yield done


def scheduled(
    fleet: Fleet, team: str = "", environment: str = "", hours: int = 4, good: int = 12
) -> RefreshSchedule:
    return set_schedule(
        fleet.adm, fleet.teams.get(team), environment, every_minutes=60 * hours, good_for_minutes=60 * good
    )


def names(pks: list[int]) -> Names:
    by_pk = dict(Lpar.objects.values_list("pk", "host__name"))
    return [by_pk[pk] for pk in pks]


def read_ago(fleet: Fleet, **hours: float | None) -> None:
    for name, ago in hours.items():
        at = None if ago is None else now() - ago * HOUR
        Lpar.objects.filter(pk=fleet.lpars[name].pk).update(facts_read_at=at)


def test_the_closest_group_counts(fleet: Fleet) -> None:
    for team, environment, hours in (
        ("", "", 1),
        ("", "test", 2),
        ("Webshop", "", 3),
        ("Webshop", "test", 4),
    ):
        scheduled(fleet, team, environment, hours)
    rows = RefreshSchedule.objects.all()
    hours = {}
    for name, lpar in fleet.lpars.items():
        schedule = schedule_of(lpar, rows)
        assert schedule is not None
        hours[name] = schedule.every / HOUR
    assert hours == {"pay01": 1, "pay02": 1, "web01": 3, "web02": 4}
    turns = {lpar.name: (lpar.next_look_at - lpar.facts_read_at) / HOUR for lpar in Lpar.objects.all()}
    assert turns == hours


def test_a_schedule_is_an_administrators_and_stands_in_the_ledger(fleet: Fleet) -> None:
    with pytest.raises(NotAllowed):
        set_schedule(fleet.kim, None, "", every_minutes=60, good_for_minutes=120)
    with pytest.raises(Invalid, match="cannot be good for"):
        set_schedule(fleet.adm, None, "", every_minutes=60, good_for_minutes=60)
    with pytest.raises(Invalid):
        set_schedule(fleet.adm, None, "", every_minutes=1, good_for_minutes=60)
    made = scheduled(fleet, "Payroll")
    again = scheduled(fleet, "Payroll", hours=8, good=24)
    assert (made.pk, RefreshSchedule.objects.count()) == (again.pk, 1)
    remove_schedule(fleet.adm, made.pk)
    with pytest.raises(Conflict):
        remove_schedule(fleet.adm, made.pk)
    assert Intake.objects.filter(event="config.change").count() == 3
    assert not Lpar.objects.exclude(next_look_at=None, stale_at=None).exists()


def test_what_was_never_read_is_due_at_once_and_then_the_oldest(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_LOOKS_PER_HMC = 4
    read_ago(fleet, pay01=5, pay02=9, web01=None, web02=1)
    assert waiting_looks() == []
    scheduled(fleet)
    assert names(waiting_looks()) == ["pay02", "pay01", "web01"]
    ask_for_look(fleet.wes, fleet.lpars["web02"].pk)
    assert names(waiting_looks())[0] == "web02"


def test_a_new_lpar_gets_its_turn_and_a_retired_one_none(fleet: Fleet) -> None:
    scheduled(fleet)
    Lpar.objects.update(next_look_at=None, facts_read_at=None)
    Lpar.objects.exclude(pk=fleet.lpars["web01"].pk).update(retired_at=now())
    give_turns()
    assert names(waiting_looks()) == ["web01"]


def test_no_more_at_once_than_one_hmc_bears(fleet: Fleet, looked: list[int]) -> None:
    read_ago(fleet, pay01=9, pay02=8, web01=7, web02=6)
    scheduled(fleet)
    assert names(waiting_looks()) == ["pay01", "pay02"]
    Lpar.objects.filter(host__name__in=["pay01", "pay02"]).update(looking_until=now() + HOUR)
    assert waiting_looks() == []
    do_look(fleet.lpars["web01"].pk, "worker-1")
    assert look_in_turn(fleet.lpars["web01"].pk, Actor.worker("w")) is None
    other = Hmc.objects.create(host=fleet.lpars["web02"].host)
    Lpar.objects.filter(pk=fleet.lpars["web02"].pk).update(hmc=other)
    assert names(waiting_looks()) == ["web02"]
    do_look(fleet.lpars["web02"].pk, "worker-1")
    assert names(looked) == ["web02"]
    Lpar.objects.update(looking_until=None)
    do_look(fleet.lpars["web01"].pk, "worker-1")
    assert names(looked) == ["web02", "web01"]


def test_no_more_at_once_in_all(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_LOOKS_AT_ONCE = 1
    read_ago(fleet, pay01=9, pay02=8, web01=7, web02=6)
    scheduled(fleet)
    assert len(waiting_looks()) == 1
    Lpar.objects.filter(pk=fleet.lpars["pay01"].pk).update(looking_until=now() + HOUR)
    assert waiting_looks() == []


def test_after_a_look_the_next_turn_is_an_interval_away_give_or_take(fleet: Fleet, looked: list[int]) -> None:
    read_ago(fleet, pay01=9)
    scheduled(fleet)
    do_look(fleet.lpars["pay01"].pk, "worker-1")
    do_look(fleet.lpars["pay01"].pk, "worker-1")
    assert names(looked) == ["pay01"]
    lpar = Lpar.objects.get(pk=fleet.lpars["pay01"].pk)
    assert lpar.next_look_at is not None
    assert lpar.stale_at is not None
    away = (lpar.next_look_at - now()) / HOUR
    assert 4 * (1 - JITTER) - 0.1 < away < 4 * (1 + JITTER) + 0.1
    assert lpar.looking_until is None
    assert 11.9 < (lpar.stale_at - now()) / HOUR <= 12


def test_a_look_that_breaks_off_is_not_begun_again_at_once(fleet: Fleet) -> None:
    read_ago(fleet, pay01=9)
    scheduled(fleet)
    with (
        mock.patch("liveupdate.actions.looks.look_at", side_effect=RuntimeError),
        pytest.raises(RuntimeError),
    ):
        do_look(fleet.lpars["pay01"].pk, "worker-1")
    assert "pay01" not in names(waiting_looks())
    lpar = Lpar.objects.get(pk=fleet.lpars["pay01"].pk)
    assert lpar.looking_until is None


def test_facts_that_are_too_old_carry_no_verdict(fleet: Fleet) -> None:
    Lpar.objects.update(verdict="ready")
    read_ago(fleet, pay01=13, web01=13)
    scheduled(fleet, "Payroll")
    old, fresh = (Lpar.objects.get(pk=fleet.lpars[name].pk) for name in ("pay01", "web01"))
    assert (old.is_stale, old.shown_verdict, old.verdict) == (True, "unknown", "ready")
    assert (fresh.is_stale, fresh.shown_verdict) == (False, "ready")

    def shown(verdict: str) -> set[str]:
        rows = LparFilter({"verdict": verdict}, queryset=Lpar.objects.all()).qs
        return set(rows.values_list("host__name", flat=True))

    assert "pay01" in shown("unknown")
    assert "pay01" not in shown("ready")
    assert "web01" in shown("ready")
    counted = posture(fleet.kim)
    assert sum(counted.values()) == 4
    assert counted["unknown"] == len(shown("unknown"))
    assert counted["ready"] == len(shown("ready"))


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_no_more_look_by_one_hmc_than_it_bears(fleet: Fleet) -> None:
    gate, done = threading.Barrier(4), threading.Event()
    let_in: list[int] = []

    def look_at(lpar: Lpar, _actor: Actor) -> tuple[None, None]:
        let_in.append(lpar.pk)
        done.wait(10)
        return None, None

    refused: list[int] = []

    def work(pk: int) -> None:
        gate.wait()
        if look_in_turn(pk, Actor.worker("w")) is None:
            refused.append(pk)
        connections.close_all()

    with mock.patch("liveupdate.actions.looks.look_at", look_at):
        threads = [threading.Thread(target=work, args=(lpar.pk,)) for lpar in fleet.lpars.values()]
        for thread in threads:
            thread.start()
        while len(let_in) + len(refused) < 4:
            time.sleep(0.01)
        done.set()
        for thread in threads:
            thread.join()
    assert (len(let_in), len(refused)) == (2, 2)
