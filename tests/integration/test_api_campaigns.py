"""Campaigns by the API: read with their waves, halted by a program, let go on by a person alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from liveupdate.actions.periods import PeriodWish, write_period
from liveupdate.control.calendar import Kind
from liveupdate.models import Campaign
from liveupdate.states import CampaignState
from portal.access.tokens import Scope
from portal.audit.said import said_at_all
from portal.lib.clock import now
from tests.api import browser, program, send
from tests.campaign_world import World, begin, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.deep]


@pytest.fixture
def world() -> World:
    return make_world(3)


@pytest.fixture
def campaign(world: World) -> Campaign:
    return world.started(world.campaign(canaries_most=1))


def test_its_waves_and_what_each_lpar_waits_for(world: World, campaign: Campaign) -> None:
    client = program(world.fleet.aud, Scope.READ)
    [run] = world.start_due()
    assert begin(run)
    answer = client.get(reverse("api-campaign", args=[campaign.pk]))
    told = answer.json()
    assert answer["ETag"] == '"0"'
    assert (told["number"], told["state"], told["lpars"], told["hidden"]) == (
        campaign.number, "running", 3, 0
    )  # fmt: skip
    first, second = told["waves"]
    assert [(one["lpar_name"], one["state"], one["run"]) for one in first["lpars"]] == [
        ("erp00", "running", run.pk)
    ]
    assert (first["canary"], first["state"], second["state"]) == (True, "running", "pending")
    assert first["ends"] < second["begins"] < second["ends"]
    assert [one["lpar_name"] for one in second["lpars"]] == ["erp01", "erp02"]
    assert told["coverage"]["sentence"] == "covers 3 of 3 LPARs' fingerprints"
    listed = client.get(reverse("api-campaigns"), {"q": "erp01"}).json()["results"]
    assert [(row["id"], row["waves"]) for row in listed] == [(campaign.pk, 2)]
    assert client.get(reverse("api-campaigns"), {"state": "halted"}).json()["results"] == []


def test_a_wave_that_finds_no_time_says_when_it_would(world: World, campaign: Campaign) -> None:
    opens = (now() + timedelta(days=5)).replace(tzinfo=None, second=0, microsecond=0)
    window = PeriodWish(
        Kind.WINDOW,
        "Payroll night",
        "UTC",
        opens,
        opens + timedelta(hours=6),
        team=world.fleet.teams["Payroll"],
    )
    write_period(world.fleet.adm, window, "agreed")
    told = program(world.fleet.ana).get(reverse("api-campaign", args=[campaign.pk])).json()
    wave = told["waves"][1]
    assert (wave["begins"], wave["ends"]) == (None, None)
    reason = wave["lpars"][0]["no_slot"]
    next_slot = f"the next of the LPAR is {opens:%a %d %b %Y %H:%M} UTC."
    assert (reason["code"], reason["remedy"].endswith(next_slot)) == ("no_window", True)
    page = browser(world.fleet.ana).get(campaign.get_absolute_url()).content.decode()
    assert "<b>erp01, erp02</b> will find no time:" in page
    assert next_slot in page


def test_a_program_halts_it_and_only_a_person_lets_it_go_on(world: World, campaign: Campaign) -> None:
    halting, watching = (
        program(world.fleet.kim, Scope.READ, Scope.REQUEST),
        program(world.fleet.kim, Scope.READ),
    )

    def ask(client: Any, name: str, **headers: str) -> Any:
        return send(client, "POST", name, campaign.pk, body={"reason": "Orders fail."}, **headers)

    assert ask(watching, "api-halt").json()["code"] == "scope_missing"
    first = ask(halting, "api-halt", Idempotency_Key="one")
    assert (first.status_code, first.json()["state"]) == (200, "halted")
    assert ask(halting, "api-halt", Idempotency_Key="one")["Idempotent-Replayed"] == "true"
    assert ask(halting, "api-halt").status_code == 409
    [sign] = first.json()["signs"]
    assert (sign["signal"], sign["message"]) == ("person", "Kim Lind: Orders fail.")
    assert first.json()["can_resume"] == ["Bo Lang", "Ivy Novak", "Kim Lind"]
    assert ask(halting, "api-resume", If_Match=first["ETag"]).json()["code"] == "token_never_decides"
    person = browser(world.fleet.kim)
    assert ask(person, "api-resume").status_code == 428
    assert ask(person, "api-resume", If_Match='"0"').status_code == 412
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.HALTED
    assert ask(browser(world.fleet.ana), "api-resume", If_Match=first["ETag"]).status_code == 403
    done = ask(person, "api-resume", If_Match=first["ETag"])
    assert (done.status_code, done.json()["state"]) == (200, "running")
    assert done.json()["signs"][0]["answered_by"] == "Kim Lind"
    entry = next(said_at_all(["campaign.resume"]))
    assert (entry["d"]["reason"], entry["d"]["signs"]) == ("Orders fail.", [sign["id"]])


def test_one_campaign_costs_the_same_queries_however_large(
    world: World, campaign: Campaign, django_assert_max_num_queries: Any
) -> None:
    client = program(world.fleet.ana)
    with django_assert_max_num_queries(20):
        assert client.get(reverse("api-campaign", args=[campaign.pk])).status_code == 200
