"""Who is mailed about campaigns and about changes of the calendar: to who acts, once, with a link alone."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from liveupdate.actions.advancing import advance
from liveupdate.actions.approvals import approve
from liveupdate.actions.campaigns import (
    halt_campaign,
    resume_campaign,
    start_campaign,
    submit_planned,
    withdraw_campaign,
)
from liveupdate.actions.mailing import send_waiting
from liveupdate.actions.periods import PeriodWish, remove_period, write_period
from liveupdate.control.calendar import Kind
from liveupdate.control.notices import Occasion
from liveupdate.models import Campaign, Notice
from liveupdate.states import CampaignState, RunState
from portal.lib.clock import now
from tests.campaign_world import World, begin, end, make_world, requests_of, soaked, target_of
from tests.fleet import make_fleet

pytestmark = [pytest.mark.django_db, pytest.mark.deep]
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    return make_world(3)


def told(occasion: Occasion) -> list[str]:
    rows = Notice.objects.filter(occasion=occasion).order_by("pk")
    return sorted(rows.values_list("person__username", flat=True))


def text_of(occasion: Occasion) -> str:
    return Notice.objects.filter(occasion=occasion).order_by("-pk")[0].text


def failed_canary(world: World) -> Campaign:
    campaign = world.started(world.campaign(canaries_most=1))
    [canary] = world.start_due()
    assert begin(canary)
    end(canary, RunState.FAILED)
    advance(campaign.pk)
    advance(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.HALTED
    return campaign


def test_a_halt_is_told_to_who_may_decide_and_to_the_owner_once(world: World, client: Client) -> None:
    campaign = failed_canary(world)
    assert told(Occasion.CAMPAIGN_HALTED) == ["ana", "bo", "ivy", "kim"]
    text = text_of(Occasion.CAMPAIGN_HALTED)
    assert "erp00 ended as failed." in text
    assert f"Open it: http://localhost:8000{campaign.get_absolute_url()}" in text
    assert [word for word in text.split() if word.startswith("http") and "resume" in word] == []
    client.force_login(world.fleet.ivy)
    page = client.get(reverse("notices")).content.decode()
    assert f'href="{campaign.get_absolute_url()}"' in page
    Notice.objects.exclude(occasion=Occasion.CAMPAIGN_HALTED).delete()
    assert send_waiting() == 4
    assert {message.subject for message in mail.outbox} == {
        f"{campaign.number} Spring service pack: is halted, and goes on only by a decision"
    }
    resume_campaign(world.fleet.kim, campaign.pk, "A cable, mended.", campaign.newest_sign)
    halt_campaign(world.fleet.ivy, campaign.pk, "The database team saw errors.")
    assert len(told(Occasion.CAMPAIGN_HALTED)) == 8
    assert "The database team saw errors." in text_of(Occasion.CAMPAIGN_HALTED)
    resume_campaign(world.fleet.kim, campaign.pk, "They were of yesterday.", campaign.newest_sign)
    assert send_waiting() == 4 and len(mail.outbox) == 4
    assert [each.state for each in Notice.objects.filter(sent_at=None)] == ["overtaken"] * 4


def test_after_the_soak_who_decides_on_the_next_wave_is_told(world: World) -> None:
    campaign = world.started(world.campaign(canaries_most=1), besides=["erp01"])
    [canary] = world.start_due()
    assert begin(canary)
    end(canary)
    advance(campaign.pk)
    assert told(Occasion.CAMPAIGN_WAITS) == []
    soaked(campaign)
    advance(campaign.pk)
    advance(campaign.pk)
    late = target_of(campaign, "erp01").request
    assert told(Occasion.CAMPAIGN_WAITS) == ["ana"]
    assert f"erp01: {late.number} is planned" in text_of(Occasion.CAMPAIGN_WAITS)
    assert "Wave 2 is due, and 1 of its LPARs wait" in text_of(Occasion.CAMPAIGN_WAITS)


def test_a_canary_that_waits_for_a_decision_is_told_to_its_deciders(world: World) -> None:
    campaign = world.planned(world.campaign(["erp00", "erp01"], canaries_most=1))
    digests = {one.pk: one.plan.digest for one in requests_of(campaign) if one.plan}
    submit_planned(world.fleet.ana, campaign.pk, digests)
    start_campaign(world.fleet.ana, campaign.pk)
    advance(campaign.pk)
    assert told(Occasion.CAMPAIGN_WAITS) == ["ana", "bo", "ivy"]
    assert "A canary among them holds every wave after this one." in text_of(Occasion.CAMPAIGN_WAITS)
    canary = target_of(campaign, "erp00").request
    approve(world.fleet.ivy, canary.pk, digests[canary.pk])
    advance(campaign.pk)
    assert len(told(Occasion.CAMPAIGN_WAITS)) == 3


def test_who_may_decide_is_told_once_that_the_wave_is_due_but_no_canary_succeeded(world: World) -> None:
    campaign = failed_canary(world)
    assert told(Occasion.CAMPAIGN_WAITS) == []
    resume_campaign(world.fleet.kim, campaign.pk, "A cable, mended.", campaign.newest_sign)
    for _ in range(2):
        advance(campaign.pk)
    assert told(Occasion.CAMPAIGN_WAITS) == ["ana", "bo", "ivy", "kim"]
    text = text_of(Occasion.CAMPAIGN_WAITS)
    assert "Wave 2 waits for a canary that has succeeded; none of wave 1 has." in text
    assert "Withdraw the campaign and begin one with other canaries." in text
    assert f"Open it: http://localhost:8000{campaign.get_absolute_url()}" in text
    assert world.start_due() == []
    withdraw_campaign(world.fleet.ana, campaign.pk, "Other canaries are needed.")
    Notice.objects.exclude(occasion=Occasion.CAMPAIGN_WAITS).delete()
    send_waiting()
    assert [message for message in mail.outbox if "waits" in message.subject] == []
    assert {each.state for each in Notice.objects.filter(occasion=Occasion.CAMPAIGN_WAITS)} == {"overtaken"}


def test_a_freeze_that_holds_an_approved_request_is_told_with_its_next_slot() -> None:
    fleet = make_fleet()
    approved, waiting = fleet.approved(), fleet.submitted("web01", "wes")
    Notice.objects.all().delete()

    at = now().replace(tzinfo=None)
    wish = PeriodWish(Kind.FREEZE, "Year end", "UTC", at - HOUR, at + 20 * HOUR)
    row = write_period(fleet.adm, wish, "Finance closes the books.")
    assert told(Occasion.HELD) == ["ana", "kim"]
    text = text_of(Occasion.HELD)
    assert (
        "The freeze “Year end” was written into the calendar by Ada Maier: Finance closes the books." in text
    )
    assert "The freeze “Year end” (every LPAR) lasts until" in text
    assert "Its own change window has no slot; the next of the LPAR is" in text
    assert f"Open it: http://localhost:8000{approved.get_absolute_url()}" in text
    assert not Notice.objects.filter(request=waiting).exists()
    approved.refresh_from_db()
    assert approved.state == "approved"
    remove_period(fleet.adm, row.uid, row.version, "The books were closed early.")
    assert told(Occasion.FREE_AGAIN) == ["ana", "kim"]
