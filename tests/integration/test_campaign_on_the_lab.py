"""A small campaign on the lab, over SSH: the canary, then the other; and one that its canary halts."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.approvals import approve
from liveupdate.actions.campaigns import (
    CampaignTerms,
    create_campaign,
    plan_campaign,
    start_campaign,
    submit_planned,
)
from liveupdate.actions.looks import do_look
from liveupdate.actions.planning import do_plan
from liveupdate.actions.starting import do_start, waiting_starts
from liveupdate.engine.execution import execute
from liveupdate.models import Campaign, Run
from liveupdate.states import CampaignState, RunState
from tests.campaign_world import requests_of, target_of, waves_of
from tests.lab_estate import Estate, import_lab

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.deep, pytest.mark.timeout(300)]
NAMES = ("pay01", "web01")


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=1500) as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> Estate:
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    return import_lab(lab)


def begun(estate: Estate) -> Campaign:
    """A campaign of both LPARs: looked at, planned and approved through the worker's own errands."""
    lpars = list(Lpar.objects.filter(host__name__in=NAMES))
    for lpar in lpars:
        Lpar.objects.filter(pk=lpar.pk).update(look_asked_at="2026-01-01T00:00:00Z")
        do_look(lpar.pk, "w1")
    terms = CampaignTerms("Lab", canaries_most=1, soak_minutes=0, blackout_s=0)
    campaign = create_campaign(estate.owner, [lpar.pk for lpar in lpars], estate.wish(), terms)
    plan_campaign(estate.owner, campaign.pk)
    for request in requests_of(campaign):
        do_plan(request.pk, "w1")
    digests = {one.pk: one.plan.digest for one in requests_of(campaign) if one.plan}
    assert submit_planned(estate.owner, campaign.pk, digests) == 2
    for request_id, digest in digests.items():
        approve(estate.approver, request_id, digest)
    return start_campaign(estate.owner, campaign.pk)


def work(campaign: Campaign) -> list[str]:
    """One look of the scheduler, then what workers do by it; the LPARs whose runs were executed."""
    call_command("scheduler", "--once")
    for request_id in waiting_starts():
        do_start(request_id, "w1")
    done = []
    for run in Run.objects.filter(state=RunState.QUEUED):
        execute(run.pk, "w1")
        done.append(run.lpar.name)
    campaign.refresh_from_db()
    return done


def test_the_canary_goes_first_and_the_other_after_it(estate: Estate) -> None:
    campaign = begun(estate)
    waves = waves_of(campaign)
    assert sorted(waves.values()) == [1, 2]
    canary, other = sorted(waves, key=lambda name: waves[name] or 0)
    assert work(campaign) == [canary]
    assert work(campaign) == [other]
    call_command("scheduler", "--once")
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.FINISHED
    levels = set(Run.objects.values_list("state", "level_after"))
    assert levels == {(RunState.SUCCEEDED, estate.lab.description["target_level"])}
    assert not campaign.signs.exists()


def test_a_canary_that_fails_on_its_host_halts_it(estate: Estate) -> None:
    campaign = begun(estate)
    canary = campaign.targets.get(canary=True).lpar.name
    other = next(name for name in NAMES if name != canary)
    estate.lab.fault(canary, "kernel_failure")
    assert work(campaign) == [canary]
    assert Run.objects.get().state == RunState.FAILED
    assert work(campaign) == []
    assert campaign.state == CampaignState.HALTED
    assert campaign.state_reason.startswith(f"{canary} ended as failed.")
    assert (target_of(campaign, other).released_at, Run.objects.count()) == (None, 1)
