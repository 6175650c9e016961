"""Campaigns: waves that fit, canaries first, released by the portal, halted by what goes wrong."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Replace

from inventory.models import FactReading
from liveupdate.actions.advancing import advance
from liveupdate.actions.approvals import approve
from liveupdate.actions.campaign_steps import release_targets
from liveupdate.actions.campaigns import (
    CampaignTerms,
    create_campaign,
    halt_campaign,
    resume_campaign,
    withdraw_campaign,
)
from liveupdate.actions.requests import submit_request
from liveupdate.evidence.campaigns import CampaignPlaces, CampaignSigns, CampaignStates, CampaignWishes
from liveupdate.models import (
    Campaign,
    CampaignSign,
    CampaignTarget,
    Run,
    RunEvent,
)
from liveupdate.states import CampaignState, RunState
from liveupdate.transitions import enter_state
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.lib.clock import now
from portal.lib.errors import Invalid, NotAllowed
from tests.campaign_world import (
    World,
    begin,
    end,
    make_more,
    make_world,
    recorded,
    requests_of,
    soaked,
    target_of,
    waves_of,
    wish,
)
from tests.fleet import TARGET

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Six LPARs on one managed system with room for two surrogates."""
    return make_world(6)


def test_a_draft_has_waves_and_asks_for_nothing(world: World) -> None:
    campaign = world.campaign(canaries_most=1)
    assert waves_of(campaign) == {"erp00": 1, "erp01": 2, "erp02": 2, "erp03": 3, "erp04": 3, "erp05": 4}
    assert (campaign.state, requests_of(campaign)) == (CampaignState.DRAFT, [])
    assert target_of(campaign, "erp00").canary


def test_waves_follow_one_another(world: World) -> None:
    campaign = world.started(world.campaign(canaries_most=1))
    [run] = world.start_due()
    assert (run.lpar.name, begin(run)) == ("erp00", True)
    advance(campaign.pk)
    held = target_of(campaign, "erp01")
    assert held.hold["message"] == "Wave 2 waits for wave 1: the canary erp00 is under way."
    assert [reason.code for reason in held.request.holds] == ["wave_before"]
    end(run)
    advance(campaign.pk)
    assert target_of(campaign, "erp01").hold["message"].startswith("Wave 2 waits for the canary's soak until")
    assert world.start_due() == []
    soaked(campaign)
    advance(campaign.pk)
    assert [each.lpar.name for each in world.start_due()] == ["erp01", "erp02"]


def signals(campaign: Campaign) -> list[str]:
    return list(campaign.signs.filter(answered_at=None).values_list("signal", flat=True))


def state_of(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    return campaign.state


def to_wave_two(world: World, **terms: Any) -> tuple[Campaign, list[Run]]:
    """A campaign whose canary has succeeded and soaked; both runs of wave 2 are queued."""
    campaign = world.started(world.campaign(canaries_most=1, **terms))
    [canary] = world.start_due()
    assert begin(canary)
    end(canary)
    soaked(campaign)
    advance(campaign.pk)
    runs = world.start_due()
    assert [run.lpar.name for run in runs] == ["erp01", "erp02"]
    return campaign, runs


@pytest.mark.deep
def test_a_failed_canary_halts_it_and_the_next_wave_never_begins(world: World) -> None:
    campaign = world.started(world.campaign(canaries_most=1, failures_most=9))
    [canary] = world.start_due()
    assert begin(canary)
    end(canary, RunState.FAILED)
    advance(campaign.pk)
    assert (state_of(campaign), signals(campaign)) == (CampaignState.HALTED, ["failure"])
    assert campaign.state_reason == "erp00 ended as failed. A test ends it."
    soaked(campaign)
    advance(campaign.pk)
    assert world.start_due() == []
    assert "is halted: erp00 ended as failed" in target_of(campaign, "erp01").request.holds[0].message


def test_a_halt_drains_what_runs_and_holds_what_is_queued(world: World) -> None:
    campaign, (running, queued) = to_wave_two(world)
    assert begin(running)
    halt_campaign(world.fleet.ivy, campaign.pk, "The database team saw errors.")
    assert not begin(queued)
    queued.refresh_from_db()
    running.refresh_from_db()
    assert (queued.state, running.state, running.abort_asked_at) == (RunState.QUEUED, RunState.RUNNING, None)
    assert queued.reason.startswith("The campaign Spring service pack is halted:")
    end(running)
    resume_campaign(world.fleet.kim, campaign.pk, "The errors were from yesterday.", campaign.newest_sign)
    advance(campaign.pk)
    assert begin(queued)
    sign = campaign.signs.get()
    assert (sign.signal, sign.answered_by, sign.answer) == (
        "person", world.fleet.kim, "The errors were from yesterday."
    )  # fmt: skip


@pytest.mark.deep
@pytest.mark.parametrize(("failures_most", "halted"), [(1, True), (2, False)])
def test_so_many_failures_halt_it(world: World, failures_most: int, halted: bool) -> None:
    campaign, runs = to_wave_two(world, failures_most=failures_most)
    for run in runs:
        assert begin(run)
    end(runs[0], RunState.FAILED)
    advance(campaign.pk)
    assert (state_of(campaign) == CampaignState.HALTED) == halted
    if not halted:
        end(runs[1], RunState.ABORTED)
        advance(campaign.pk)
        assert state_of(campaign) == CampaignState.HALTED
        assert signals(campaign) == ["failure", "failure"]


@pytest.mark.deep
def test_a_blackout_over_the_budget_halts_it(world: World) -> None:
    campaign, (first, _) = to_wave_two(world, blackout_s=30)
    assert begin(first)
    end(first, blackout_ms=31_000)
    advance(campaign.pk)
    assert (state_of(campaign), signals(campaign)) == (CampaignState.HALTED, ["blackout"])


@pytest.mark.deep
def test_a_blackout_that_lasts_too_long_halts_it_while_it_lasts(world: World) -> None:
    campaign, (first, _) = to_wave_two(world, blackout_s=30)
    assert begin(first)
    Run.objects.filter(pk=first.pk).update(blackout_started_at=now() - timedelta(seconds=45))
    advance(campaign.pk)
    assert (state_of(campaign), signals(campaign)) == (CampaignState.HALTED, ["blackout"])


@pytest.mark.deep
def test_another_level_than_was_due_halts_it(world: World) -> None:
    campaign, (first, _) = to_wave_two(world)
    assert begin(first)
    end(first, level_after="7200-05-03-2148")
    advance(campaign.pk)
    assert signals(campaign) == ["level"]
    assert state_of(campaign) == CampaignState.HALTED
    assert campaign.state_reason == "erp01 is at 7200-05-03-2148 afterwards, where 7200-05-04-2220 was due."


@pytest.mark.deep
def test_contact_lost_for_too_long_halts_it(world: World) -> None:
    campaign, (first, _) = to_wave_two(world, contact_minutes=15)
    assert begin(first)
    with transaction.atomic():
        enter_state(Run.objects.get(pk=first.pk), RunState.CONTACT_LOST, reason="It does not answer.")
    advance(campaign.pk)
    assert state_of(campaign) == CampaignState.RUNNING
    RunEvent.objects.filter(run=first, kind="state").update(at=now() - timedelta(minutes=16))
    advance(campaign.pk)
    assert (state_of(campaign), signals(campaign)) == (CampaignState.HALTED, ["contact_lost"])


ERRPT = "IDENTIFIER TIMESTAMP  T C RESOURCE_NAME  DESCRIPTION\n"


@pytest.mark.deep
@pytest.mark.parametrize(
    ("new", "kind"),
    [
        ("A2205861   1126001226 P H fcs0           ADAPTER ERROR\n", "hardware"),
        ("C69F5C9B   1126001226 P S SYSPROC        SOFTWARE PROGRAM ABNORMALLY TERMINATED\n", "software"),
        ("", ""),
    ],
)
def test_a_new_permanent_error_halts_it(world: World, new: str, kind: str) -> None:
    campaign, (first, _) = to_wave_two(world)
    old = "B6267342   1120001226 P H hdisk0         DISK OPERATION ERROR\n"
    assert begin(first)
    recorded(first, "errors_before", ERRPT + old)
    recorded(first, "errors_as_before", ERRPT + new + old)
    end(first, RunState.SUCCEEDED_WITH_RESIDUE, level_after=TARGET)
    advance(campaign.pk)
    assert signals(campaign) == (["error_log"] if new else [])
    assert (state_of(campaign) == CampaignState.HALTED) == bool(new)
    if new:
        assert (
            f"has a permanent {kind} error since the update: {new.split(maxsplit=1)[0]}"
            in campaign.state_reason
        )


@pytest.mark.deep
def test_drift_halts_it(world: World) -> None:
    campaign, _ = to_wave_two(world)
    advance(campaign.pk)
    request = target_of(campaign, "erp03").request
    host = request.lpar.host
    FactReading.objects.filter(subject=host, fact="lspv", current=True).update(
        stdout=Replace("stdout", Value("11b1e2 "), Value("11b1ff "))
    )
    for target in campaign.targets.filter(lpar__host__name="erp03"):
        with transaction.atomic():
            release_targets(campaign, [target], Actor.portal())
    world.start_due()
    assert (state_of(campaign), signals(campaign)) == (CampaignState.HALTED, ["drift"])
    assert campaign.state_reason.startswith("erp03 is not as it was approved:")


@pytest.mark.deep
def test_what_was_answered_does_not_halt_it_again(world: World) -> None:
    campaign, (first, second) = to_wave_two(world)
    assert begin(first)
    assert begin(second)
    end(first, RunState.FAILED)
    advance(campaign.pk)
    resume_campaign(world.fleet.ivy, campaign.pk, "A disk of its own had failed.", campaign.newest_sign)
    advance(campaign.pk)
    assert state_of(campaign) == CampaignState.RUNNING
    end(second, RunState.FAILED)
    advance(campaign.pk)
    assert state_of(campaign) == CampaignState.HALTED
    assert campaign.signs.filter(answered_at=None).get().run == second


@pytest.mark.deep
def test_its_owner_does_not_decide_that_it_goes_on(world: World) -> None:
    campaign, _ = to_wave_two(world)
    halt_campaign(world.fleet.ana, campaign.pk, "wait")
    with pytest.raises(NotAllowed, match="The campaign is yours"):
        resume_campaign(world.fleet.ana, campaign.pk, "go on", campaign.newest_sign)
    with pytest.raises(Invalid, match="Going on needs a reason"):
        resume_campaign(world.fleet.ivy, campaign.pk, " ", campaign.newest_sign)
    assert state_of(campaign) == CampaignState.HALTED


@pytest.mark.deep
def test_who_is_not_approved_holds_only_itself(world: World) -> None:
    campaign = world.started(world.campaign(canaries_most=1), besides=["erp01"])
    [canary] = world.start_due()
    assert begin(canary)
    end(canary)
    soaked(campaign)
    advance(campaign.pk)
    assert target_of(campaign, "erp01").hold["message"] == "Its request is not approved."
    [second] = world.start_due()
    assert begin(second)
    end(second)
    soaked(campaign)
    advance(campaign.pk)
    assert [run.lpar.name for run in world.start_due()] == ["erp03", "erp04"]


@pytest.mark.deep
def test_a_canary_that_is_not_approved_holds_all_others(world: World) -> None:
    campaign = world.started(world.campaign(canaries_most=1), besides=["erp00"])
    assert world.start_due() == []
    hold = target_of(campaign, "erp01").hold["message"]
    assert hold == "Wave 2 waits for wave 1: the canary erp00 is not approved."


@pytest.mark.deep
def test_nodes_of_one_cluster_never_run_at_once_even_when_one_is_late(world: World) -> None:
    campaign = world.started(
        world.campaign(canaries_most=1, clusters="payclu: erp01, erp02"), besides=["erp01"]
    )
    waves = waves_of(campaign)
    assert waves["erp01"] != waves["erp02"]
    [canary] = world.start_due()
    assert begin(canary)
    end(canary)
    soaked(campaign)
    while target_of(campaign, "erp02").released_at is None:
        advance(campaign.pk)
        for run in world.start_due():
            assert begin(run)
            if run.lpar.name != "erp02":
                end(run)
        soaked(campaign)
    world.start_due()
    late = target_of(campaign, "erp01").request
    assert late.plan is not None
    submit_request(world.fleet.ana, late.pk, late.plan.digest)
    approve(world.fleet.ivy, late.pk, late.plan.digest)
    advance(campaign.pk)
    assert target_of(campaign, "erp01").released_at is not None
    world.start_due()
    late.refresh_from_db()
    assert [reason.code for reason in late.holds] == ["kept_apart"]
    assert late.holds[0].message == "erp02, of the same cluster payclu, is being updated."


@pytest.mark.deep
def test_it_finishes_and_the_ledger_tells_it_all(world: World) -> None:
    campaign = world.started(world.campaign(canaries_most=1))
    waves = run_to_the_end(world, campaign)
    assert (state_of(campaign), waves) == (CampaignState.FINISHED, 4)
    assert not [problem for comparison in compared() for problem in comparison.problems()]


def run_to_the_end(world: World, campaign: Campaign) -> int:
    """Every wave goes well; returns how many there were."""
    waves = 0
    while state_of(campaign) == CampaignState.RUNNING:
        runs = world.start_due()
        waves += bool(runs)
        for run in runs:
            assert begin(run)
        for run in runs:
            end(run)
        soaked(campaign)
        advance(campaign.pk)
    return waves


def compared() -> list[Any]:
    """The comparisons of campaigns, having seen the whole ledger."""
    seen = [kind() for kind in (CampaignWishes, CampaignStates, CampaignPlaces, CampaignSigns)]
    for content in Intake.objects.order_by("id").values_list("content", flat=True):
        document = json.loads(bytes(content))
        for comparison in seen:
            if document["t"] in comparison.events:
                comparison.see(None, document)
    return seen


@pytest.mark.deep
@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Campaign, {"state": "finished"}),
        (Campaign, {"failures_most": 99}),
        (CampaignTarget, {"wave": 1}),
        (CampaignTarget, {"released_at": now()}),
        (CampaignSign, {"message": "nothing"}),
    ],
)
def test_an_edited_row_is_seen(world: World, model: Any, change: dict[str, Any]) -> None:
    campaign, _ = to_wave_two(world)
    halt_campaign(world.fleet.ana, campaign.pk, "wait")
    model.objects.filter(pk=model.objects.latest("pk").pk).update(**change)
    assert [problem for comparison in compared() for problem in comparison.problems()]


@pytest.mark.deep
def test_a_release_that_somebody_wrote_starts_nothing(world: World) -> None:
    campaign = world.started(world.campaign(canaries_most=1))
    CampaignTarget.objects.filter(wave=2).update(released_at=now())
    assert [run.lpar.name for run in world.start_due()] == ["erp00"]
    held = target_of(campaign, "erp01").request.holds[0]
    assert held.code == "campaign_not_released"


@pytest.mark.deep
def test_a_request_that_somebody_took_out_of_its_campaign_starts_not(world: World) -> None:
    campaign = world.started(world.campaign(canaries_most=1))
    request = target_of(campaign, "erp01").request
    CampaignTarget.objects.filter(request=request).delete()
    world.start_due()
    request.refresh_from_db()
    assert [reason.code for reason in request.holds] == ["campaign_altered"]


@pytest.mark.deep
def test_the_tick_done_twice_or_by_two_does_nothing_more(world: World) -> None:
    campaign, _ = to_wave_two(world)
    before = Intake.objects.count()
    advance(campaign.pk)
    advance(campaign.pk)
    assert Intake.objects.count() == before


@pytest.mark.deep
def test_withdrawing_it_withdraws_what_has_not_begun(world: World) -> None:
    campaign, (running, queued) = to_wave_two(world)
    assert begin(running)
    withdraw_campaign(world.fleet.ana, campaign.pk, "Another way was found.")
    states = {one.lpar.name: one.state for one in requests_of(campaign)}
    assert states == {
        "erp00": "finished", "erp01": "started", "erp02": "finished",
        "erp03": "withdrawn", "erp04": "withdrawn", "erp05": "withdrawn",
    }  # fmt: skip
    queued.refresh_from_db()
    assert queued.state == RunState.ABORTED
    end(running)


def test_more_than_ten_lpars_have_to_be_counted(world: World) -> None:
    many = [*world.lpars, *make_more(world, 6)]
    with pytest.raises(Invalid, match="These are 12 LPARs"):
        create_campaign(world.fleet.ana, [lpar.pk for lpar in many], wish(), CampaignTerms("All"), counted=11)
    assert create_campaign(
        world.fleet.ana, [lpar.pk for lpar in many], wish(), CampaignTerms("All"), counted=12
    )


def test_an_lpar_is_in_one_open_campaign(world: World) -> None:
    first = world.campaign()
    with pytest.raises(Invalid, match=rf"erp00: It is in the campaign .* \({first.number}\)"):
        world.campaign(["erp00"])
    withdraw_campaign(world.fleet.ana, first.pk, "not now")
    assert world.campaign(["erp00"])
