"""Pages of the estate: tree, managed systems, HMCs; reading many LPARs; filters kept under a name."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import Lpar, ManagedSystem, Vios
from liveupdate.models import Refresh, RefreshSchedule
from portal.access.models import SavedFilter
from portal.audit.models import Intake
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet

pytestmark = [pytest.mark.django_db, pytest.mark.deep]
LPARS = "/lpars/"


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def client_of(fleet: Fleet, person: str) -> Client:
    client = Client()
    client.force_login(fleet.people[person])
    return client


def opened(fleet: Fleet, person: str, address: str) -> str:
    answer = client_of(fleet, person).get(address)
    assert answer.status_code == 200, address
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def test_the_tree_counts_what_a_person_may_see(fleet: Fleet) -> None:
    system = ManagedSystem.objects.get()
    assert "1 managed system · 4 LPARs" in opened(fleet, "kim", "/fleet/")
    assert "1 managed system · 2 LPARs" in opened(fleet, "ana", "/fleet/")
    assert "No HMC is known" in opened(fleet, "sam", "/fleet/")
    branch = opened(fleet, "ana", reverse("branch-systems", args=[fleet.lpars["pay01"].hmc_id]))
    assert system.name in branch
    assert "2 LPARs" in branch
    leaves = opened(fleet, "ana", reverse("branch-lpars", args=[system.pk]))
    assert "pay01" in leaves
    assert "web01" not in leaves


def test_a_system_without_an_hmc_is_found_in_the_tree(fleet: Fleet) -> None:
    ManagedSystem.objects.get().hmcs.clear()
    assert "Run by no HMC" in opened(fleet, "kim", "/fleet/")
    assert "4 LPARs" in opened(fleet, "kim", reverse("branch-systems", args=[0]))


def test_a_retired_lpar_hangs_in_no_tree(fleet: Fleet) -> None:
    Lpar.objects.filter(host__name="pay01").update(retired_at=now())
    assert "3 LPARs" in opened(fleet, "kim", "/fleet/")
    assert "pay01" not in opened(fleet, "kim", reverse("branch-lpars", args=[ManagedSystem.objects.get().pk]))


def test_a_managed_system_shows_its_state_vioses_and_lpars(fleet: Fleet) -> None:
    system = ManagedSystem.objects.get()
    ManagedSystem.objects.update(state="No Connection", problem="hmc01 does not reach its service processor.")
    Vios.objects.create(managed_system=system, name="vios1", lpar_id=1, state="Running", level="3.1.4.21")
    page = opened(fleet, "kim", reverse("system", args=[system.pk]))
    for words in ("No Connection", "does not reach", "vios1", "3.1.4.21", "pay01", "web02", "hmc01"):
        assert words in page
    assert [row["name"] for row in client_of(fleet, "ana").get(
        reverse("system", args=[system.pk]), {"export": "json"}
    ).json()] == ["pay01", "pay02"]  # fmt: skip
    assert ">2<" in opened(fleet, "ana", "/systems/")


def test_an_hmc_shows_its_key_and_the_users_role(fleet: Fleet) -> None:
    page = opened(fleet, "kim", reverse("hmc", args=[fleet.lpars["pay01"].hmc_id]))
    for words in ("Accepted", "SHA256:hmc01", "hmcclientliveupdate", "9080-M9S-78A1234", "Kim Lind"):
        assert words in page


@pytest.mark.parametrize(
    ("how", "changes", "found"),
    [
        ("unreachable", {"facts_state": "unreachable"}, ["pay02"]),
        ("refused", {"facts_state": "refused"}, ["pay02"]),
        ("timed_out", {"facts_state": "timed_out"}, ["pay02"]),
        ("unparsable", {"facts_state": "unparsable"}, ["pay02"]),
        ("never", {"facts_read_at": None}, ["pay02"]),
        ("stale", {"stale_at": now()}, ["pay02"]),
        ("nonsense", {}, []),
    ],
)
def test_lpars_are_found_by_how_reading_their_facts_ended(
    fleet: Fleet, how: str, changes: dict[str, Any], found: list[str]
) -> None:
    Lpar.objects.update(facts_state="ok")
    if changes:
        Lpar.objects.filter(host__name="pay02").update(**changes)
    rows = client_of(fleet, "kim").get(LPARS, {"facts": how, "export": "json"}).json()
    assert [row["name"] for row in rows] == found


def test_what_is_too_old_says_so(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    Lpar.objects.filter(pk=lpar.pk).update(stale_at=now())
    assert "Unknown: facts too old" in opened(fleet, "ana", LPARS)
    page = opened(fleet, "ana", reverse("lpar", args=[lpar.pk]))
    assert 'data-verdict="unknown"' in page
    assert "too old for a verdict" in page
    rows = client_of(fleet, "ana").get(LPARS, {"export": "json"}).json()
    assert {row["name"]: row["verdict"] for row in rows}["pay01"] == "unknown"


def test_all_lpars_of_a_filter_are_read_and_followed(fleet: Fleet) -> None:
    client = client_of(fleet, "kim")
    page = opened(fleet, "kim", LPARS + "?environment=production")
    assert "Read facts of these 3 LPARs" in page
    answer = client.post(reverse("read-many") + "?environment=production")
    refresh = Refresh.objects.get()
    assert answer["location"] == reverse("refresh", args=[refresh.pk])
    assert set(Lpar.objects.exclude(look_asked_at=None).values_list("host__name", flat=True)) == {
        "pay01", "pay02", "web01",
    }  # fmt: skip
    assert Intake.objects.filter(event="facts.read").count() == 1
    page = opened(fleet, "kim", answer["location"])
    assert "0 of 3 read" in page
    assert "every 2s" in page
    Lpar.objects.filter(host__name="pay01").update(facts_read_at=now(), facts_state="ok")
    Lpar.objects.filter(host__name="web01").update(facts_read_at=now(), facts_state="refused")
    page = opened(fleet, "kim", answer["location"])
    assert "2 of 3 read" in page
    assert page.index("<b>web01</b>") < page.index("<b>pay02</b>") < page.index("<b>pay01</b>")
    Lpar.objects.update(facts_read_at=now())
    page = opened(fleet, "kim", answer["location"])
    assert "3 of 3 read: done" in page
    assert "every 2s" not in page


def test_nothing_is_read_by_a_filter_that_is_none(fleet: Fleet) -> None:
    client = client_of(fleet, "kim")
    assert client.post(reverse("read-many") + "?team=999").status_code == 400
    assert client.post(reverse("read-many") + "?q=nothing").status_code == 404
    assert not Lpar.objects.exclude(look_asked_at=None).exists()


def test_schedules_are_set_on_their_page(fleet: Fleet) -> None:
    client = client_of(fleet, "adm")
    values = {"team": fleet.teams["Payroll"].pk, "every_minutes": "240", "good_for_minutes": "1470"}
    assert client.post(reverse("schedules"), values).status_code == 302
    page = opened(fleet, "kim", reverse("schedules"))
    assert "Team Payroll, every environment" in page
    assert "read every 4 h" in page
    assert "good for 1 d 30 min" in page
    assert 'id="schedule"' not in page
    refused = client.post(reverse("schedules"), values | {"good_for_minutes": "240"})
    assert refused.status_code == 400
    assert "cannot be good for" in refused.content.decode()
    assert client_of(fleet, "kim").post(reverse("schedules"), values).status_code == 403
    client.post(reverse("remove-schedule", args=[RefreshSchedule.objects.get().pk]))
    assert not RefreshSchedule.objects.exists()


def save(fleet: Fleet, person: str, **changes: Any) -> int:
    values = {"path": LPARS, "query": "verdict=ready&page=3&export=csv", "name": "Ready ones"} | changes
    return client_of(fleet, person).post(reverse("save-filter"), values).status_code


def test_a_filter_is_kept_for_oneself_or_a_team(fleet: Fleet) -> None:
    assert save(fleet, "ana") == 302
    saved = SavedFilter.objects.get()
    assert (saved.address, saved.team) == ("/lpars/?verdict=ready", None)
    assert "Ready ones" in opened(fleet, "ana", LPARS)
    assert "Ready ones" not in opened(fleet, "bo", LPARS)
    assert save(fleet, "ana", team=fleet.teams["Payroll"].pk, query="verdict=unknown") == 302
    assert SavedFilter.objects.get().query == "verdict=unknown"
    assert "Ready ones" in opened(fleet, "bo", LPARS)
    assert "Ready ones" not in opened(fleet, "wes", LPARS)
    assert "Ready ones" not in opened(fleet, "ana", "/requests/")
    assert 'aria-current="true"' in opened(fleet, "bo", saved.path + "?verdict=unknown")
    gone = reverse("remove-filter", args=[saved.pk])
    assert client_of(fleet, "wes").post(gone).status_code == 404
    assert client_of(fleet, "bo").post(gone).status_code == 403
    assert client_of(fleet, "ana").post(gone).status_code == 302
    assert not SavedFilter.objects.exists()
    assert Intake.objects.filter(event="config.change").count() == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "/nowhere/"},
        {"path": "https://elsewhere.example/lpars/"},
        {"path": "/"},
        {"query": "page=2"},
        {"query": "nonsense=1"},
        {"query": "q=" + "x" * 1500},
        {"name": " "},
        {"name": "x" * 61},
        {"name": "\u202eevil"},
    ],
)
def test_what_is_no_filter_of_a_list_is_not_kept(fleet: Fleet, changes: dict[str, str]) -> None:
    assert save(fleet, "ana", **changes) == 400
    assert not SavedFilter.objects.exists()


def test_a_filter_is_not_shared_with_a_team_that_one_does_not_see(fleet: Fleet) -> None:
    assert save(fleet, "ana", team=fleet.teams["Webshop"].pk) == 403


def test_facts_are_shown_with_age_state_and_parser(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    lpar.host.readings_about.update(state="ok", problem="")
    lpar.host.readings_about.filter(fact="bootlist").update(state="unparsable", problem="not a row: 'x'")
    page = opened(fleet, "ana", reverse("lpar-facts", args=[lpar.pk]))
    assert "Unparsable 1" in page
    assert "version 1" in page
    only = opened(fleet, "ana", reverse("lpar-facts", args=[lpar.pk]) + "?state=unparsable")
    assert "not a row: 'x'" in only
    assert ">lspv<" not in only


def test_changes_are_shown_since_a_day_a_refresh_or_a_run(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    reading = lpar.host.readings_about.get(fact="oslevel")
    reading.pk, reading.stdout, reading.first_read_at = None, "7200-05-04-2220\n", now()
    lpar.host.readings_about.filter(fact="oslevel").update(
        current=False, first_read_at="2026-01-01T00:00:00Z", read_at="2026-01-02T00:00:00Z", ended_at=now()
    )
    reading.read_at = reading.first_read_at
    reading.save()
    address = reverse("lpar-changes", args=[lpar.pk])
    for since in ("2026-01-01", "look"):
        page = opened(fleet, "ana", f"{address}?since={since}")
        assert "7200-05-03-2148</del>" in page
        assert "7200-05-04-2220</ins>" in page
    assert "Nothing was known then" in opened(fleet, "ana", f"{address}?since=2020-01-01")
    assert "nothing to compare" in opened(fleet, "ana", f"{address}?since=run")
    assert "7200-05-03-2148</del>" in opened(fleet, "ana", reverse("reading", args=[lpar.pk, reading.pk]))
