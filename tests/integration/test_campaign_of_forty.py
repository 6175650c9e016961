"""Forty LPARs on three managed systems with room for four surrogates each: no limit is ever broken, and each
signal in turn halts the campaign.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Replace

from inventory.models import FactReading, Lpar, ManagedSystem
from liveupdate.actions.advancing import advance
from liveupdate.actions.approvals import approve
from liveupdate.actions.campaigns import halt_campaign, resume_campaign
from liveupdate.actions.drift_watch import watch_drift
from liveupdate.models import Campaign, CampaignTarget, Request, Run, RunEvent
from liveupdate.states import CampaignState, RequestState, RunState, Signal
from liveupdate.transitions import enter_state
from portal.lib.clock import now
from tests.campaign_world import World, begin, end, make_world, recorded, requests_of, soaked

pytestmark = [pytest.mark.django_db, pytest.mark.deep, pytest.mark.timeout(600)]
FREE_MB, NEED_MB = 34_000, 8448
CLUSTERS = "\n".join(f"clu{n}: erp{2 * n:02d}, erp{2 * n + 1:02d}, erp{39 - n:02d}" for n in range(5))
SLOW = "erp17"
ERRORS = "IDENTIFIER TIMESTAMP  T C RESOURCE_NAME  DESCRIPTION\n"
NEW_ERROR = "DE3B8540   1126001226 P H hdisk0         PATH HAS FAILED\n"


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


@dataclass
class Play:
    """A campaign that goes on by its own clock, whose next run to end brings the next signal."""

    world: World
    campaign: Campaign
    turns: list[Signal] = field(default_factory=lambda: list(reversed(Signal)))
    under_way: dict[int, tuple[Run, int, int]] = field(default_factory=dict)
    intervals: list[Interval] = field(default_factory=list)
    halts: list[tuple[Signal, str]] = field(default_factory=list)
    """The signal of each halt and the LPAR whose run ended at it."""

    def to_the_end(self) -> None:
        """Let workers and the portal go on until it is finished; runs take 1 to 5 ticks, one takes 25."""
        chance = random.Random(7)
        apart = {each.lpar_id: frozenset(each.apart) for each in CampaignTarget.objects.all()}
        tick = 0
        for _ in range(200):
            if self.advanced() == CampaignState.FINISHED:
                return
            for run in self.world.start_due(self.waiting(released=True)):
                if begin(run):
                    lasts = 25 if run.lpar.name == SLOW else chance.randint(1, 5)
                    self.under_way[run.pk] = (run, tick, tick + lasts)
            if not self.under_way:
                soaked(self.campaign)
                continue
            tick = min(due for _, _, due in self.under_way.values())
            for run, start, due in list(self.under_way.values()):
                if due == tick:
                    del self.under_way[run.pk]
                    self.over(run)
                    self.intervals.append(Interval(run.lpar, apart[run.lpar_id], start, tick))
        raise AssertionError("the campaign did not come to an end")

    def advanced(self) -> str:
        """The state of the campaign after the portal's part."""
        advance(self.campaign.pk)
        self.campaign.refresh_from_db()
        return self.campaign.state

    def waiting(self, *, released: bool) -> list[int]:
        """The approved requests that did not start yet, of LPARs that were released or were not."""
        targets = self.campaign.targets.filter(request__state=RequestState.APPROVED, request__run=None)
        return list(targets.filter(released_at__isnull=not released).values_list("request", flat=True))

    def over(self, run: Run) -> None:
        """A run ends; the next signal comes with it, halts the campaign, and a person lets it go on."""
        if not self.turns:
            return end(run)
        signal = self.turns.pop(0)
        self.brings(run, signal)
        assert self.advanced() == CampaignState.HALTED, signal
        found = list(self.campaign.signs.filter(answered_at=None).values_list("signal", flat=True))
        assert found == [signal]
        assert not self.begins_anything(), signal
        self.halts.append((signal, run.lpar.name))
        for request in requests_of(self.campaign):
            if request.state == RequestState.SUBMITTED and request.plan:
                approve(self.world.fleet.ivy, request.pk, request.plan.digest, version=request.version)
        resume_campaign(self.world.fleet.kim, self.campaign.pk, "Looked at it.", self.campaign.newest_sign)
        return None

    def begins_anything(self) -> bool:
        """Whether a halted campaign starts what was released, or the first that was not."""
        tried = self.waiting(released=True) + self.waiting(released=False)[:1]
        before = Run.objects.count()
        begun = [run for run in self.world.start_due(tried) if begin(run)]
        return bool(begun) or Run.objects.count() > before

    def brings(self, run: Run, signal: Signal) -> None:
        """A run ends, with this signal."""
        match signal:
            case Signal.FAILURE:
                return end(run, RunState.FAILED)
            case Signal.BLACKOUT:
                return end(run, blackout_ms=61_000)
            case Signal.LEVEL:
                return end(run, level_after="7200-05-03-2148")
            case Signal.ERROR_LOG:
                recorded(run, "errors_before", ERRORS)
                recorded(run, "errors_as_before", ERRORS + NEW_ERROR)
            case Signal.CONTACT_LOST:
                self.lose(run)
            case Signal.DRIFT:
                drift(self.waiting(released=False)[-1])
            case Signal.PERSON:
                halt_campaign(self.world.fleet.ana, self.campaign.pk, "Users of the shop complain.")
        return end(run)

    def lose(self, run: Run) -> None:
        """It does not answer for a minute more than may be, and answers then."""
        run.refresh_from_db()
        with transaction.atomic():
            enter_state(run, RunState.CONTACT_LOST, reason="It does not answer.")
        RunEvent.objects.filter(run=run, kind="state").update(at=now() - timedelta(minutes=16))
        assert self.advanced() == CampaignState.HALTED
        run.refresh_from_db()
        with transaction.atomic():
            enter_state(run, RunState.RUNNING, reason="It answers again.")


def drift(request_id: int) -> None:
    """A look finds another fileset at an LPAR that waits."""
    lpar = Request.objects.select_related("lpar__host").get(pk=request_id).lpar
    rows = FactReading.objects.filter(subject=lpar.host, fact="lslpp", current=True)
    rows.update(stdout=Replace("stdout", Value("bos.adt.base"), Value("bos.adt.bass")))
    Lpar.objects.filter(pk=lpar.pk).update(facts_read_at=now() + timedelta(seconds=1))
    watch_drift()


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


def test_no_limit_is_broken_at_any_instant_though_one_is_slow_and_each_signal_halts_it(world: World) -> None:
    terms = {"canaries_most": 2, "clusters": CLUSTERS, "blackout_s": 60, "contact_minutes": 15}
    campaign = world.started(world.campaign(**terms))
    play = Play(world, campaign)
    play.to_the_end()
    memory, runs, broken = at_every_instant(play.intervals)
    waves = campaign.targets.order_by("-wave").values_list("wave", flat=True)[0]
    print(
        f"\n{len(play.intervals)} LPARs in {waves} waves (at least {campaign.waves_least}); "
        f"most memory at once {dict(memory)} of {FREE_MB} MB; most runs at once {dict(runs)}; "
        f"broken: {broken}; halts: {[f'{signal} ({name})' for signal, name in play.halts]}"
    )
    assert sorted(each.lpar.name for each in play.intervals) == sorted(lpar.name for lpar in world.lpars)
    assert broken == []
    assert {signal for signal, _ in play.halts} == set(Signal)
    assert not campaign.signs.filter(answered_at=None).exists()
    assert all(taken <= FREE_MB for taken in memory.values())
    assert all(runs[str(each)] <= settings.PORTAL_RUNS_PER_SYSTEM for each in ManagedSystem.objects.all())
    assert runs["hmc01"] <= settings.PORTAL_RUNS_PER_HMC
    assert waves <= campaign.waves_least + 1
    wave_of = dict(campaign.targets.values_list("lpar__host__name", "wave"))
    for earlier in play.intervals:
        later = [each for each in play.intervals if wave_of[each.lpar.name] > wave_of[earlier.lpar.name]]
        assert all(each.start >= earlier.end for each in later)
