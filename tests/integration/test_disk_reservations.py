"""No two plans hold one disk, whatever the LPARs call it, and a disk is let go with its plan."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from inventory.actions.facts import stored_facts
from inventory.disk_identity import DiskIdentity
from inventory.models import Disk
from liveupdate.actions.approvals import reject
from liveupdate.actions.requests import plan_again, withdraw_request
from liveupdate.actions.windows import expire_over
from liveupdate.models import DiskReservation, Request
from liveupdate.records.reservations import DisksHeld, Wanted, held_elsewhere, hold_disks
from liveupdate.states import RequestState
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet, plan_from_stored_facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def held(request: Request) -> list[tuple[str, str]]:
    rows = DiskReservation.objects.filter(request=request, released_at=None)
    return list(rows.order_by("disk").values_list("disk", "role"))


def make_shared(fleet: Fleet, name: str, pvid: str) -> None:
    """Let an LPAR see a disk with this PVID as its hdisk2."""
    disks = fleet.lpars[name].host.readings_about.get(fact="lspv")
    old = next(line for line in disks.stdout.splitlines() if line.startswith("hdisk2 "))
    disks.stdout = disks.stdout.replace(old.split()[1], pvid)
    disks.save()


def pvid_of(fleet: Fleet, name: str) -> str:
    disks = fleet.lpars[name].host.readings_about.get(fact="lspv").stdout
    return next(line.split()[1] for line in disks.splitlines() if line.startswith("hdisk2 "))


def test_a_plan_holds_its_disks_until_it_is_over(fleet: Fleet) -> None:
    request = fleet.planned()
    assert held(request) == [("hdisk10", "mhdisk"), ("hdisk2", "nhdisk")]
    assert fleet.lpars["pay01"].disk_reservations.get(disk="hdisk2").pvid == pvid_of(fleet, "pay01")
    plan_again(fleet.ana, request.pk)
    assert held(request) == []


def test_withdrawing_and_rejecting_let_go(fleet: Fleet) -> None:
    first = fleet.submitted()
    assert first.plan is not None
    reject(fleet.ivy, first.pk, first.plan.digest, "not this week")
    second = fleet.planned()
    assert (held(first), len(held(second))) == ([], 2)
    withdraw_request(fleet.ana, second.pk, "another day")
    assert held(second) == []


def test_a_window_that_is_over_lets_go_of_plans_that_nobody_started(fleet: Fleet) -> None:
    planned, submitted = fleet.planned(), fleet.submitted("web01", "wes")
    over = now() - timedelta(minutes=1)
    Request.objects.update(ends_at=over)
    DiskReservation.objects.update(until=over)
    expire_over()
    assert held(planned) == held(submitted) == []


def test_the_second_request_of_an_lpar_is_told_who_holds_its_disks(fleet: Fleet) -> None:
    first, second = fleet.planned(), fleet.asked()
    plan_from_stored_facts(second)
    assert (second.state, held(second)) == (RequestState.BLOCKED, [])
    assert f"hdisk2 is held for pay01 by {first.number}" in second.state_reason


def test_a_disk_that_two_lpars_see_is_one_disk(fleet: Fleet) -> None:
    make_shared(fleet, "web01", pvid_of(fleet, "pay01"))
    first = fleet.planned()
    second = fleet.asked("web01", "wes")
    plan_from_stored_facts(second)
    assert second.state == RequestState.BLOCKED
    assert f"hdisk2 is held for pay01 by {first.number}" in second.state_reason


def test_a_disk_that_another_lpar_uses_is_not_free(fleet: Fleet) -> None:
    Disk.objects.filter(lpar=fleet.lpars["web01"], name="hdisk1").update(pvid=pvid_of(fleet, "pay01"))
    request = fleet.asked()
    plan_from_stored_facts(request)
    assert "hdisk2 is hdisk1 of web01, in datavg there." in request.state_reason
    assert request.state == RequestState.BLOCKED


def test_a_request_of_its_own_makes_no_lpar_less_ready(fleet: Fleet) -> None:
    request = fleet.planned()
    lpar = request.lpar
    assert held_elsewhere(lpar, stored_facts(lpar)) == {}
    assert held_elsewhere(lpar, stored_facts(lpar), request) == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shared", ["pvid", "volume", "name"])
def test_of_two_plans_at_once_one_gets_the_disk(shared: str) -> None:
    """The database decides: by PVID, by the storage system's volume, by the LPAR's own name for it."""
    fleet = make_fleet()
    second_lpar = "pay01" if shared == "name" else "web01"
    asked = [fleet.asked(), fleet.asked(second_lpar, "ana" if second_lpar == "pay01" else "wes")]
    ids = {"pvid": ("00fa343b8f01b1e2",) * 2 + ("", ""), "volume": ("", "") + ("IBM 2145 vol7",) * 2}
    pvid_a, pvid_b, volume_a, volume_b = ids.get(shared, ("", "", "", ""))
    wanted = [
        Wanted(DiskIdentity("hdisk2", pvid_a, "", volume_a), "nhdisk"),
        Wanted(DiskIdentity("hdisk2" if shared == "name" else "hdisk7", pvid_b, "", volume_b), "mhdisk"),
    ]
    gate, outcomes = threading.Barrier(2), []

    def hold(number: int) -> None:
        gate.wait()
        try:
            hold_disks(asked[number], [wanted[number]])
            outcomes.append("held")
        except DisksHeld as lost:
            outcomes.append(lost.message)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=hold, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert DiskReservation.objects.filter(released_at=None).count() == 1
    assert "held" in outcomes
    assert [said for said in outcomes if " took " in said]


def test_the_page_of_the_lpar_shows_who_holds_a_disk(fleet: Fleet, client: Client) -> None:
    shared = pvid_of(fleet, "pay01")
    Disk.objects.filter(lpar=fleet.lpars["web01"], name="hdisk10").update(pvid=shared)
    request = fleet.planned()
    client.force_login(fleet.people["ana"])
    page = client.get(reverse("lpar", args=[fleet.lpars["pay01"].pk])).content.decode()
    assert f'nhdisk of <a href="{request.get_absolute_url()}">{request.number}</a>' in page
    client.force_login(fleet.people["wes"])
    page = client.get(reverse("lpar", args=[fleet.lpars["web01"].pk])).content.decode()
    assert f"nhdisk of {request.number} for pay01" in page
