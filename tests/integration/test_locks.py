"""Who holds what of an LPAR and of the places that its update needs."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from liveupdate.actions.runs import ask_abort, start_run
from liveupdate.models import Run
from liveupdate.pages.locks import lock_rows
from liveupdate.records.locks import Lock, locks_of
from liveupdate.states import RequestState, RunState
from portal.lib.errors import Conflict
from tests.fleet import Fleet, make_fleet, plan_from_stored_facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def held(fleet: Fleet, name: str) -> list[tuple[str, str, str]]:
    return [(lock.kind, lock.what, lock.request.number) for lock in locks_of(fleet.lpars[name])]


def test_a_plan_holds_its_disks_until_the_end_of_its_window(fleet: Fleet) -> None:
    assert locks_of(fleet.lpars["pay01"]) == []
    planned = fleet.planned()
    disks = locks_of(fleet.lpars["pay01"])
    assert held(fleet, "pay01") == [
        ("disk", f"{name} as {role}", planned.number)
        for role, name in planned.disk_reservations.values_list("role", "disk")
    ]
    assert {lock.expected_until for lock in disks} == {planned.ends_at}
    assert all(lock.since >= planned.created_at and not lock.of_others for lock in disks)


def test_a_run_holds_its_lpar_its_share_and_its_places(fleet: Fleet) -> None:
    run = fleet.queued()
    assert [kind for kind, *_ in held(fleet, "pay01")] == ["lpar", "disk", "disk", "capacity"]
    Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING, owner="w1")
    mine = locks_of(fleet.lpars["pay01"])
    assert [lock.kind for lock in mine][-2:] == ["slot", "slot"]
    assert all(lock.run == run for lock in mine if lock.kind != "disk")
    neighbour = locks_of(fleet.lpars["web01"])
    assert {lock.kind for lock in neighbour} == {"capacity", "slot"}
    assert all(lock.of_others and lock.request == run.request for lock in neighbour)


def test_nothing_is_held_when_the_run_is_over(fleet: Fleet) -> None:
    run = fleet.queued()
    ask_abort(run.pk, fleet.ana)
    assert locks_of(fleet.lpars["pay01"]) == []


def test_the_second_of_two_starts_is_refused_with_a_link_to_the_first(fleet: Fleet) -> None:
    first, second = fleet.approved(), fleet.approved()
    run = start_run(first.pk)
    with pytest.raises(Conflict) as refused:
        start_run(second.pk)
    assert (refused.value.code, refused.value.link) == ("lpar_busy", run.get_absolute_url())


def test_a_holder_of_another_team_is_named_without_a_link(fleet: Fleet) -> None:
    run = fleet.queued()
    Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING, owner="w1")
    (theirs, *_) = lock_rows(fleet.wes, fleet.lpars["web01"])
    (seen, *_) = lock_rows(fleet.kim, fleet.lpars["web01"])
    assert (theirs.link, seen.link) == ("", run.get_absolute_url())


def test_pages_say_who_holds_what(fleet: Fleet, client: Client) -> None:
    first = fleet.planned()
    second = plan_from_stored_facts(fleet.asked())
    assert (second.state, second.waits) == (RequestState.BLOCKED, True)
    client.force_login(fleet.ana)
    lpar_page = client.get(reverse("lpar", args=[fleet.lpars["pay01"].pk])).content.decode()
    lock: Lock = locks_of(fleet.lpars["pay01"])[0]
    assert escape(lock.what) in lpar_page and first.get_absolute_url() in lpar_page
    blocked = client.get(second.get_absolute_url()).content.decode()
    assert 'id="locks"' in blocked and first.get_absolute_url() in blocked
