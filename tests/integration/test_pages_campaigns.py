"""The pages of campaigns: what they say in each state, and to whom they offer what."""

import re
from typing import Any

import pytest
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client
from django.urls import reverse

from inventory.models import FactReading, Lpar
from liveupdate.actions.advancing import advance
from liveupdate.actions.campaigns import choose_canaries, halt_campaign
from liveupdate.control.reasons import Reason
from liveupdate.models import Campaign, CampaignTarget, Request
from liveupdate.states import CampaignState, RequestState, RunState
from portal.lib.clock import now
from tests.campaign_world import World, begin, end, make_world, requests_of, target_of, wish
from tests.fleet import MEDIA, TARGET

pytestmark = [pytest.mark.django_db, pytest.mark.deep]


@pytest.fixture
def world() -> World:
    return make_world(4)


def page_of(world: World, campaign: Campaign, name: str = "ana") -> str:
    client = Client()
    client.force_login(world.fleet.people[name])
    answer = client.get(campaign.get_absolute_url())
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def post(world: World, person: str, address: str, /, **data: Any) -> Any:
    client = Client()
    client.force_login(world.fleet.people[person])
    return client.post(address, data, follow=True)


def filled(names: str, **changes: Any) -> dict[str, Any]:
    """The form as a person fills it in."""
    asked = wish()
    form = {
        "procedure": "local_live_update", "name": "Spring", "lpars": names, "media": MEDIA,
        "target_level": TARGET, "reason": "fixes", "starts_at": f"{asked.starts_at:%Y-%m-%dT%H:%M}",
        "ends_at": f"{asked.ends_at:%Y-%m-%dT%H:%M}", "canaries_most": 1, "soak_minutes": 5,
        "failures_most": 1, "blackout_s": 60, "contact_minutes": 15,
    }  # fmt: skip
    return form | changes


def test_the_form_says_of_every_lpar_whether_it_can_be_taken(world: World) -> None:
    Lpar.objects.filter(host__name="erp02").update(verdict="not_possible")
    answer = post(
        world, "ana", reverse("new-campaign"), **filled("erp00, erp01;erp02\nnowhere web01", look="1")
    )
    text = answer.content.decode()
    assert Campaign.objects.count() == 0
    assert "2 of 3 LPARs can be taken" in text
    assert "A Live Update of it is not possible as its facts show it." in text
    assert all(f"<code>{name}</code>" in text for name in ("nowhere", "web01"))


def test_the_form_begins_a_draft(world: World) -> None:
    answer = post(world, "ana", reverse("new-campaign"), **filled("erp00 erp01"))
    campaign = Campaign.objects.get()
    assert answer.redirect_chain[-1][0] == campaign.get_absolute_url()
    assert (campaign.name, campaign.soak_minutes, campaign.targets.count()) == ("Spring", 5, 2)


def test_many_lpars_have_to_be_counted_on_the_form(world: World) -> None:
    names = " ".join(f"erp{n:02d}" for n in range(4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("liveupdate.actions.campaigns.CONFIRM_OVER", 3)
        patch.setattr("liveupdate.pages.campaign_form.CONFIRM_OVER", 3)
        refused = post(world, "ana", reverse("new-campaign"), **filled(names, counted=3)).content.decode()
        assert "These are 4 LPARs. Type 4 to say that you mean them." in refused
        assert 'name="counted"' in refused
        post(world, "ana", reverse("new-campaign"), **filled(names, counted=4))
    assert Campaign.objects.count() == 1


def test_the_address_of_a_filter_fills_in_the_lpars(world: World) -> None:
    client = Client()
    client.force_login(world.fleet.ana)
    text = client.get(reverse("new-campaign"), {"q": "erp0"}).content.decode()
    assert "erp00\nerp01\nerp02\nerp03</textarea>" in text


def test_a_draft_explains_each_place_and_offers_to_ask(world: World) -> None:
    text = page_of(world, world.campaign(canaries_most=1))
    assert "A canary: it goes before all others." in text
    assert "The canary covers 4 of 4 LPARs&#x27; fingerprints." in text
    assert "Ask for these LPARs" in text
    assert "Ask for these LPARs" not in page_of(world, Campaign.objects.get(), "ivy")


def test_canaries_are_chosen_on_a_draft(world: World) -> None:
    campaign = world.campaign(canaries_most=1)
    post(world, "ana", reverse("canaries", args=[campaign.pk]), canaries="erp02, erp03")
    chosen = campaign.targets.filter(canary=True).values_list("lpar__host__name", "wave")
    assert list(chosen) == [("erp02", 1), ("erp03", 1)]
    refused = post(world, "ana", reverse("canaries", args=[campaign.pk]), canaries="web01")
    assert (refused.status_code, "no LPAR of this campaign" in refused.content.decode()) == (400, True)


def test_from_draft_to_running_by_the_pages_alone(world: World) -> None:
    campaign = world.campaign(canaries_most=1)
    post(world, "ana", reverse("plan-campaign", args=[campaign.pk]))
    assert len(requests_of(campaign)) == 4
    post(world, "ana", reverse("start-campaign", args=[campaign.pk]))
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.RUNNING
    advance(campaign.pk)
    text = page_of(world, campaign)
    assert "Wave 2 waits for wave 1: the canary erp00 is not approved." in text
    assert "Its request is not approved. It holds only itself up." in text


def test_a_halted_campaign_says_why_with_a_link_and_who_may_go_on(world: World) -> None:
    campaign = world.started(world.campaign(canaries_most=1))
    [run] = world.start_due()
    assert begin(run)
    end(run, RunState.FAILED)
    advance(campaign.pk)
    text = page_of(world, campaign)
    assert "erp00 ended as failed. A test ends it." in text
    assert f'<a href="{run.get_absolute_url()}">run {run.pk}</a>' in text
    assert "The campaign is yours; somebody else has to decide that it goes on." in text
    assert "Go on in spite of it" not in text
    assert "Go on in spite of it" in page_of(world, campaign, "kim")
    address, shown = reverse("resume-campaign", args=[campaign.pk]), campaign.newest_sign
    assert f'name="sign" value="{shown}"' in page_of(world, campaign, "kim")
    assert post(world, "ana", address, reason="I want to", sign=shown).status_code == 403
    assert post(world, "kim", address, reason="Looked at it.").status_code == 400
    assert post(world, "kim", address, reason="Looked at it.", sign=shown - 1).status_code == 409
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.HALTED
    post(world, "kim", address, reason="Looked at it.", sign=shown)
    assert "Looked at it." in page_of(world, campaign)


def test_the_dashboard_has_campaigns_that_need_somebody_and_not_each_lpar_that_waits(world: World) -> None:
    campaign = world.started(world.campaign(canaries_most=1))
    advance(campaign.pk)
    held = Request.objects.filter(state=RequestState.APPROVED, campaign_target__released_at=None)
    held.update(held_since=now(), held_by=[Reason("campaign_wave", "Not released yet.").as_dict()])

    def shown(person: str) -> bool:
        client = Client()
        client.force_login(world.fleet.people[person])
        needed = client.get("/").content.decode().partition("<h2>Live now</h2>")[0]
        assert "Not released yet." not in needed
        return campaign.name in needed

    assert held.exists()
    assert not shown("ana")
    halt_campaign(world.fleet.ivy, campaign.pk, "The database is slow.")
    assert {person: shown(person) for person in ("ana", "ivy", "kim", "wes", "aud")} == {
        "ana": True, "ivy": True, "kim": True, "wes": False, "aud": False,
    }  # fmt: skip


def test_a_person_halts_it_with_a_reason(world: World) -> None:
    campaign = world.started(world.campaign(canaries_most=1))
    refused = post(world, "ivy", reverse("halt-campaign", args=[campaign.pk]), reason="")
    assert refused.status_code == 400
    post(world, "ivy", reverse("halt-campaign", args=[campaign.pk]), reason="The database is slow.")
    assert "Ivy Novak: The database is slow." in page_of(world, campaign)


def test_the_picture_draws_each_lpar_below_its_capacity_line(world: World) -> None:
    text = page_of(world, world.campaign(canaries_most=1))
    assert "style=" not in text
    drawing = text[text.index('<svg class="gantt"') : text.index("</svg>", text.index('<svg class="gantt"'))]
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', drawing)]
    tops = [float(y) for y in re.findall(r'<rect [^>]*y="([\d.]+)"', drawing)]
    [line] = [float(y) for y in re.findall(r'class="capacity"[^>]*y1="([\d.]+)"', drawing)]
    assert len(heights) == 4
    assert min(tops) >= line
    assert drawing.count("erp0") >= 8


def test_lpars_of_other_teams_are_counted_and_not_shown(world: World) -> None:
    campaign = world.campaign(canaries_most=1)
    CampaignTarget.objects.create(campaign=campaign, lpar=world.fleet.lpars["web01"], wave=2)
    text = page_of(world, campaign)
    assert "and 1 of teams that you do not see" in text
    assert "web01" not in text
    assert "web01" in page_of(world, campaign, "kim")


def test_a_plan_stands_beside_its_canarys_and_says_what_no_canary_has(world: World) -> None:
    card = "vscsi0 Available C2-T1 Virtual SCSI Client Adapter\n"
    rows = FactReading.objects.filter(subject=world.lpars[3].host, fact="adapters", current=True)
    rows.update(stdout=Concat("stdout", Value(card)))
    draft = world.campaign(["erp02", "erp03"], canaries_most=1)
    assert [each.lpar.name for each in draft.targets.filter(canary=True)] == ["erp03"]
    choose_canaries(world.fleet.ana, draft.pk, ["erp02"])
    assert "The canary covers 1 of 2 LPARs&#x27; fingerprints." in page_of(world, draft)
    campaign = world.planned(draft)
    client = Client()
    client.force_login(world.fleet.ana)

    def section(name: str) -> str:
        request = target_of(campaign, name).request
        assert request is not None
        text = re.sub(r"\s+", " ", client.get(request.get_absolute_url()).content.decode())
        return text[text.index('id="difference"') : text.index("</section>", text.index('id="difference"'))]

    assert 'id="canaries"' not in section("erp02")
    other = section("erp03")
    assert "<b>erp02</b></a> <b>equal but for the target</b>" in other
    assert "<b>No canary has what erp03 has:</b> adapter Virtual SCSI Client Adapter." in other


def test_a_campaign_costs_the_same_queries_however_large(
    world: World, django_assert_max_num_queries: Any
) -> None:
    small, large = world.campaign(["erp00"]), world.started(world.campaign(["erp01", "erp02", "erp03"]))
    halt_campaign(world.fleet.kim, large.pk, "wait")
    for campaign in (small, large):
        client = Client()
        client.force_login(world.fleet.ana)
        with django_assert_max_num_queries(18):
            assert client.get(campaign.get_absolute_url()).status_code == 200
