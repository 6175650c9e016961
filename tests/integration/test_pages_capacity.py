"""The capacity of a managed system: what is free, who has reserved what, which surrogates find room."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import FactReading, ManagedSystem
from liveupdate.models import Run
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def page(fleet: Fleet, person: str = "kim") -> str:
    client = Client()
    client.force_login(fleet.people[person])
    answer = client.get(reverse("system-capacity", args=[ManagedSystem.objects.get().pk]))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def test_free_used_and_needed(fleet: Fleet) -> None:
    shown = page(fleet)
    assert "Memory: 131,072 MB in all" in shown
    assert re.search(
        r"Left for others</th><td><meter[^>]*>72704</meter></td><td class=\"num nowrap\">72,704 MB", shown
    )
    assert "11.50 cores" in shown
    assert shown.count(">Fits<") == shown.count('Page table" class="num"') == 4
    assert "No run and no approved plan takes any of it." in shown


def test_runs_and_approved_plans_take_their_part(fleet: Fleet) -> None:
    run = fleet.queued("pay01")
    Run.objects.filter(pk=run.pk).update(surrogate_memory_mb=8448, surrogate_cores="0.5")
    request = fleet.approved("web01", person="wes")
    shown = page(fleet)
    assert f"{run.request}, until the run is over" in shown
    assert str(request) in shown
    assert re.search(r"Reserved for runs</th><td><meter[^>]*>8448<", shown)
    assert re.search(r"Reserved for approved plans</th><td><meter[^>]*>8448<", shown)
    assert "Memory: at most 16.5 GB at once, 71 GB for surrogates." in shown
    assert "Processors: at most 1 cores at once, 11.5 cores for surrogates." in shown
    assert re.search(r'class="bar planned"><rect [^>]*><title>16.5 GB for 2 surrogates</title>', shown)
    assert re.search(r"Left for others</th><td><meter[^>]*>55808<", shown)


def test_what_a_run_takes_may_be_unknown_and_so_is_what_is_left(fleet: Fleet) -> None:
    fleet.queued("pay01")
    shown = page(fleet)
    assert "Left for others</th><td><span" in shown
    assert "Nobody knows how much capacity" in shown


def test_unknown_capacity_is_not_shown_as_nothing(fleet: Fleet) -> None:
    FactReading.objects.filter(fact="memory_system").update(stdout="HSCL350B refused", status=1)
    shown = page(fleet)
    assert "Capacity is unknown." in shown and "HSCL350B" in shown
    assert "<meter" not in shown
    FactReading.objects.filter(fact="memory_system").delete()
    assert "Nobody has asked an HMC for it yet." in page(fleet)


def test_only_ones_own_lpars_are_listed(fleet: Fleet) -> None:
    shown = page(fleet, "ana")
    assert "pay01" in shown and "web01" not in shown


def test_the_page_costs_the_same_for_any_number_of_plans(
    fleet: Fleet, django_assert_max_num_queries: Any
) -> None:
    client = Client()
    client.force_login(fleet.people["kim"])
    address = reverse("system-capacity", args=[ManagedSystem.objects.get().pk])
    with django_assert_max_num_queries(18):
        client.get(address)
    fleet.queued("pay01")
    fleet.approved("web01", person="wes")
    with django_assert_max_num_queries(22):
        client.get(address)


def test_the_page_of_the_system_brings_it(fleet: Fleet) -> None:
    system = ManagedSystem.objects.get()
    client = Client()
    client.force_login(fleet.people["kim"])
    shown = client.get(reverse("system", args=[system.pk])).content.decode()
    assert f'hx-get="{reverse("system-capacity", args=[system.pk])}"' in shown
