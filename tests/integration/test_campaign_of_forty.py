"""Forty LPARs on three managed systems with room for four surrogates each: no limit is ever broken."""

import random
from collections import Counter
from dataclasses import dataclass

import pytest
from django.conf import settings

from inventory.models import Lpar, ManagedSystem
from liveupdate.actions.advancing import advance
from liveupdate.actions.campaigns import resume_campaign
from liveupdate.models import Campaign, CampaignTarget, Run
from liveupdate.states import CampaignState, RunState
from tests.campaign_world import World, begin, end, make_world, soaked

pytestmark = [pytest.mark.django_db, pytest.mark.deep, pytest.mark.timeout(300)]
FREE_MB, NEED_MB = 34_000, 8448
CLUSTERS = "\n".join(f"clu{n}: erp{2 * n:02d}, erp{2 * n + 1:02d}, erp{39 - n:02d}" for n in range(5))


@dataclass(frozen=True)
class Interval:
    """When one update was under way, by the test's own clock."""

    lpar: Lpar
    apart: frozenset[str]
    start: int
    end: int


@pytest.fixture
def world() -> World:
    return make_world(40, systems=3, free_mb=FREE_MB)


def play(world: World, campaign: Campaign, *, fails: str = "") -> tuple[list[Interval], list[str]]:
    """Let workers and the portal's clock go on until nothing moves; runs take 1 to 5 ticks, one takes 25."""
    chance = random.Random(7)
    apart = {each.lpar_id: frozenset(each.apart) for each in CampaignTarget.objects.all()}
    under_way: dict[int, tuple[Run, int, int]] = {}
    intervals: list[Interval] = []
    halts: list[str] = []
    for tick in range(400):
        advance(campaign.pk)
        campaign.refresh_from_db()
        if campaign.state == CampaignState.HALTED and not under_way:
            halts.append(campaign.state_reason)
            resume_campaign(world.fleet.kim, campaign.pk, "Looked at it.", campaign.newest_sign)
            continue
        if campaign.state == CampaignState.FINISHED:
            return intervals, halts
        for run in world.start_due():
            if begin(run):
                slow = run.lpar.name == "erp17"
                under_way[run.pk] = (run, tick, tick + (25 if slow else chance.randint(1, 5)))
        for run, start, due in list(under_way.values()):
            if due <= tick:
                del under_way[run.pk]
                end(run, RunState.FAILED if run.lpar.name == fails else RunState.SUCCEEDED)
                intervals.append(Interval(run.lpar, apart[run.lpar_id], start, tick))
        if not under_way:
            soaked(campaign)
    raise AssertionError("the campaign did not come to an end")


def at_every_instant(intervals: list[Interval]) -> tuple[Counter[str], Counter[str], list[str]]:
    """The most memory and runs at any place, and what was broken when."""
    memory, runs, broken = Counter[str](), Counter[str](), []
    for tick in range(max(each.end for each in intervals) + 1):
        now = [each for each in intervals if each.start <= tick < max(each.end, each.start + 1)]
        here = Counter(str(each.lpar.managed_system) for each in now)
        for system, count in here.items():
            memory[system] = max(memory[system], count * NEED_MB)
            runs[system] = max(runs[system], count)
        runs["hmc01"] = max(runs["hmc01"], len(now))
        twice = Counter(key for each in now for key in each.apart)
        broken += [f"{key} twice at {tick}" for key, count in twice.items() if count > 1]
    return memory, runs, broken


def test_no_limit_is_broken_at_any_instant_though_one_is_slow_and_another_fails(world: World) -> None:
    campaign = world.started(world.campaign(canaries_most=2, clusters=CLUSTERS))
    intervals, halts = play(world, campaign, fails="erp20")
    memory, runs, broken = at_every_instant(intervals)
    waves = campaign.targets.order_by("-wave").values_list("wave", flat=True)[0]
    print(
        f"\n{len(intervals)} LPARs in {waves} waves (at least {campaign.waves_least}); most memory at once "
        f"{dict(memory)} of {FREE_MB} MB; most runs at once {dict(runs)}; broken: {broken}; halts: {halts}"
    )
    assert len(intervals) == 40
    assert broken == []
    assert halts == ["erp20 ended as failed. A test ends it."]
    assert all(taken <= FREE_MB for taken in memory.values())
    assert all(runs[str(each)] <= settings.PORTAL_RUNS_PER_SYSTEM for each in ManagedSystem.objects.all())
    assert runs["hmc01"] <= settings.PORTAL_RUNS_PER_HMC
    assert waves <= campaign.waves_least + 1
    wave_of = dict(campaign.targets.values_list("lpar", "wave"))
    for name in ("erp17", "erp20"):
        first = next(each for each in intervals if each.lpar.name == name)
        later = [each for each in intervals if wave_of[each.lpar.pk] > wave_of[first.lpar.pk]]
        assert later
        assert all(each.start >= first.end for each in later)
