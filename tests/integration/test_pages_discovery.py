"""The pages of discoveries: what they show, and what their forms decide."""

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from inventory.actions.decisions import accept
from inventory.models import Credential, Discovered, Discovery, Host, Lpar
from tests.discoveries import discovery_of_everything
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


@pytest.fixture
def discovery(fleet: Fleet) -> Discovery:
    return discovery_of_everything()


def client_of(fleet: Fleet, person: str) -> Client:
    client = Client()
    client.force_login(fleet.people[person])
    return client


def opened(fleet: Fleet, person: str, address: str) -> str:
    answer = client_of(fleet, person).get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def item(name: str) -> Discovered:
    return Discovered.objects.get(name=name)


def entry(fleet: Fleet, **values: Any) -> dict[str, Any]:
    credential = Credential.objects.get(name="lpar-key")
    return {
        "team": fleet.teams["Payroll"].pk,
        "environment": "test",
        "account": "root",
        "credential": credential.pk,
        "port": 22,
        "accept": "1",
        **values,
    }


def test_a_discovery_shows_what_waits_and_what_was_not_read(fleet: Fleet, discovery: Discovery) -> None:
    address = reverse("discovery", args=[discovery.pk])
    page = opened(fleet, "kim", address)
    assert "ora01" in page and "no address known" in page
    assert "9080-M9S-78B0001: The HMC says No Connection" in page
    assert "Nothing is called gone on the ground of what was not read" in page
    assert 'id="decide"' not in page and 'name="item"' not in page
    gone = opened(fleet, "adm", f"{address}?show=gone")
    assert "web02" in gone and "Retire what is chosen" in gone
    taken = opened(fleet, "aud", f"{address}?show=taken")
    assert "name: pay01 → PAY 01" in taken and "taken in by itself" in taken
    changed = opened(fleet, "aud", f"{address}?show=changed")
    assert "Only the name is the same" in changed
    assert "every 2s" not in page


def test_the_list_counts_what_waits(fleet: Fleet, discovery: Discovery) -> None:
    page = opened(fleet, "adm", reverse("discoveries"))
    assert "Read in part" in page and f'href="{reverse("discovery", args=[discovery.pk])}"' in page
    assert 'id="discover"' in page
    assert 'id="discover"' not in opened(fleet, "aud", reverse("discoveries"))


def test_an_operator_asks_and_the_page_follows(fleet: Fleet) -> None:
    host = Host.objects.get(name="hmc01")
    answer = client_of(fleet, "kim").post(reverse("discover"), {"host": host.pk})
    discovery = Discovery.objects.get()
    assert answer["location"] == reverse("discovery", args=[discovery.pk])
    assert (discovery.state, discovery.asked_by) == ("asked", fleet.kim)
    assert "every 2s" in opened(fleet, "kim", answer["location"])
    for host_id in ("", "x", "9" * 40, str(Host.objects.get(name="pay01").pk)):
        refused = client_of(fleet, "kim").post(reverse("discover"), {"host": host_id})
        assert refused.status_code in (400, 404)


def test_several_are_decided_at_once(fleet: Fleet, discovery: Discovery) -> None:
    address = reverse("discovery", args=[discovery.pk])
    adm = client_of(fleet, "adm")
    missing = adm.post(address, {"item": item("ora01").pk, "accept": "1"})
    assert missing.status_code == 200 and "This field is required" in missing.content.decode()
    assert "checked" in missing.content.decode()
    assert adm.post(address, {**entry(fleet), "item": [item("ora01").pk]}).status_code == 302
    lpar = Lpar.objects.get(host__name="ora01")
    assert (lpar.environment, lpar.host.address) == ("test", "10.254.0.40")
    assert adm.post(address, {"item": item("web02").pk, "accept": "1"}).status_code == 302
    assert Lpar.objects.get(host__name="web02").retired_at is not None
    assert adm.post(address, {"item": item("ora02").pk, "refuse": "1"}).status_code == 302
    assert item("ora02").decision == "refused"
    for chosen in ([], ["x"], [999_999]):
        assert adm.post(address, {"item": chosen, "refuse": "1"}).status_code == 400


@pytest.mark.parametrize(("person", "status"), [("kim", 403), ("aud", 403), ("ana", 404)])
def test_who_may_not_decide(fleet: Fleet, discovery: Discovery, person: str, status: int) -> None:
    client = client_of(fleet, person)
    for name in ("ora01", "web02", "web01"):
        for verb in ("accept", "refuse"):
            one = reverse("discovered", args=[discovery.pk, item(name).pk])
            assert client.post(one, {verb: "1"}).status_code == status
            several = reverse("discovery", args=[discovery.pk])
            assert client.post(several, {"item": item(name).pk, verb: "1"}).status_code == status
    assert Lpar.objects.in_service().count() == 4
    assert set(Discovered.objects.values_list("decision", flat=True)) == {"open", "accepted"}


def test_one_new_lpar_gets_its_address_by_hand(fleet: Fleet, discovery: Discovery) -> None:
    address = reverse("discovered", args=[discovery.pk, item("ora02").pk])
    page = opened(fleet, "adm", address)
    assert 'value="ora02"' in page and "does not know its operating system" in page
    adm = client_of(fleet, "adm")
    refused = adm.post(address, entry(fleet, name="pay01", address="10.1.1.1"))
    assert refused.status_code == 200 and "Another host is called pay01" in refused.content.decode()
    assert adm.post(address, entry(fleet, name="ora02", address="10.1.1.1")).status_code == 302
    assert Host.objects.get(name="ora02").address == "10.1.1.1"
    assert adm.post(address, entry(fleet, name="ora03", address="10.1.1.1")).status_code == 409
    assert "Taken into the inventory by" in opened(fleet, "aud", address)


def test_one_that_is_gone_is_retired_and_one_that_changed_is_taken(
    fleet: Fleet, discovery: Discovery
) -> None:
    adm = client_of(fleet, "adm")
    for name in ("web02", "web01"):
        address = reverse("discovered", args=[discovery.pk, item(name).pk])
        assert adm.post(address, {"accept": "1"}).status_code == 302
        assert adm.post(address, {"accept": "1"}).status_code == 409
    assert Lpar.objects.in_service().filter(host__name="web02").count() == 0
    assert Lpar.objects.get(host__name="web01").uuid.endswith("000000000021")


def test_a_retired_lpar_leaves_the_lists_and_keeps_its_page(fleet: Fleet, discovery: Discovery) -> None:
    accept(fleet.adm, item("web02").pk)
    assert "web02" not in opened(fleet, "kim", reverse("lpars"))
    assert "web02" in opened(fleet, "kim", f"{reverse('lpars')}?retired=yes")
    assert "Retired" in opened(fleet, "kim", reverse("lpar", args=[fleet.lpars["web02"].pk]))


def test_a_finding_of_another_discovery_is_not_found(fleet: Fleet, discovery: Discovery) -> None:
    newer = discovery_of_everything()
    address = reverse("discovered", args=[newer.pk, discovery.items.first().pk])
    assert client_of(fleet, "adm").get(address).status_code == 404


def test_queries_do_not_grow_with_what_was_found(
    fleet: Fleet, discovery: Discovery, django_assert_max_num_queries: Any
) -> None:
    address = reverse("discovery", args=[discovery.pk])
    Discovered.objects.bulk_create(
        Discovered(discovery=discovery, kind="nim_object", identity=f"n{n}", name=f"n{n}", change="new")
        for n in range(200)
    )
    client = client_of(fleet, "adm")
    with django_assert_max_num_queries(12):
        assert "1 to 50 of 202" in client.get(address).content.decode()
    with django_assert_max_num_queries(9):
        assert client.get(reverse("discoveries")).status_code == 200
