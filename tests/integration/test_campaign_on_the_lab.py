"""A small campaign on the lab, over SSH: the canary, then the other; and one that its canary halts."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connections

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.approvals import approve
from liveupdate.actions.campaigns import (
    CampaignTerms,
    create_campaign,
    plan_campaign,
    resume_campaign,
    start_campaign,
    submit_planned,
)
from liveupdate.actions.looks import do_look
from liveupdate.actions.planning import do_plan
from liveupdate.actions.starting import do_start, waiting_starts
from liveupdate.engine.execution import execute
from liveupdate.models import Campaign, Run
from liveupdate.states import CampaignState, RunState
from portal.lib.clock import now
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


def begun(estate: Estate, blackout_s: int = 0) -> Campaign:
    """A campaign of both LPARs: looked at, planned and approved through the worker's own errands."""
    lpars = list(Lpar.objects.filter(host__name__in=NAMES))
    for lpar in lpars:
        Lpar.objects.filter(pk=lpar.pk).update(look_asked_at="2026-01-01T00:00:00Z")
        do_look(lpar.pk, "w1")
    terms = CampaignTerms("Lab", canaries_most=1, soak_minutes=0, blackout_s=blackout_s)
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


def in_the_blackout(estate: Estate, campaign: Campaign, name: str) -> str:
    """When the blackout has lasted longer than its budget: a disk of the LPAR fails, and the scheduler looks;
    the state of the campaign then.
    """
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        begin = Run.objects.values_list("blackout_started_at", flat=True).first()
        if begin and now() - begin > timedelta(seconds=1.5):
            estate.lab.defect(name, "hardware_error")
            call_command("scheduler", "--once")
            return Campaign.objects.get(pk=campaign.pk).state
        time.sleep(0.1)
    raise AssertionError("no blackout was seen")


def test_a_long_blackout_a_new_error_and_a_drift_halt_it_and_what_runs_is_left_alone(estate: Estate) -> None:
    lab, campaign = estate.lab, begun(estate, blackout_s=1)
    canary = campaign.targets.get(canary=True).lpar.name
    other = next(name for name in NAMES if name != canary)
    lab.fault(canary, "blackout", 6000)
    with ThreadPoolExecutor(1) as beside:
        worker = beside.submit(at_work, campaign)
        assert in_the_blackout(estate, campaign, canary) == CampaignState.HALTED
        assert Run.objects.get().state == RunState.RUNNING
        assert worker.result(250) == [canary]
    run = Run.objects.get()
    assert run.state in (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE), (run.state, run.outcome)
    assert (run.abort_asked_at, run.level_after) == (None, lab.description["target_level"])
    assert work(campaign) == []
    assert list(campaign.signs.values_list("signal", flat=True)) == ["blackout", "error_log"]
    assert "PATH HAS FAILED" in campaign.signs.get(signal="error_log").message
    resume_campaign(estate.approver, campaign.pk, "The path is back.", campaign.newest_sign)
    lab.defect(other, "ifix")
    Lpar.objects.filter(host__name=other).update(look_asked_at=now())
    do_look(target_of(campaign, other).lpar_id, "w1")
    assert work(campaign) == []
    assert (campaign.state, campaign.newest_sign) == (
        CampaignState.HALTED,
        campaign.signs.get(signal="drift").pk,
    )
    assert campaign.state_reason.startswith(f"{other} is not as it was approved:")
    assert (lab.ran(other, "geninstall"), Run.objects.count()) == ([], 1)


def at_work(campaign: Campaign) -> list[str]:
    """`work` in a thread of its own."""
    try:
        return work(campaign)
    finally:
        connections.close_all()
