"""Drift that a later look finds at an LPAR that waits in a campaign: ruled at once; the campaign halts."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import Value
from django.db.models.functions import Replace

from inventory.models import FactReading, Lpar
from liveupdate.actions.campaigns import resume_campaign
from liveupdate.models import Campaign, CampaignTarget, FoundDrift, Run
from liveupdate.states import CampaignState, RequestState
from portal.lib.clock import now
from tests.campaign_world import make_world, target_of

pytestmark = pytest.mark.django_db

ROOTVG_DISK = ("lspv", "11b1e2 ", "11b1ff ")
FILESET = ("lslpp", "bos.adt.base", "bos.adt.bass")
CAPACITY = ("memory_system", "curr_avail_sys_mem=60000", "curr_avail_sys_mem=59000")


def seen(name: str, *change: str, status: int | None = None) -> None:
    """A later look finds another answer at an LPAR."""
    lpar = Lpar.objects.get(host__name=name)
    if change:
        fact, old, new = change
        rows = FactReading.objects.filter(subject=lpar.host, fact=fact, current=True)
        assert rows.filter(stdout__contains=old).exists(), (fact, old)
        rows.update(stdout=Replace("stdout", Value(old), Value(new)))
        if status is not None:
            rows.update(status=status, stdout="", problem="it could not be read")
    Lpar.objects.filter(pk=lpar.pk).update(facts_read_at=now() + timedelta(seconds=1))
    call_command("scheduler", "--once")


def state_of(campaign: Campaign, name: str) -> tuple[str, str]:
    campaign.refresh_from_db()
    request = target_of(campaign, name).request
    assert request is not None
    return campaign.state, request.state


@pytest.mark.deep
def test_what_a_later_look_finds_is_ruled_and_halts_the_campaign() -> None:
    """Not what could not be read, nor what only warns."""
    world = make_world(4, free_mb=60000)
    campaign = world.started(world.campaign(canaries_most=1))
    running, halted = CampaignState.RUNNING.value, CampaignState.HALTED.value
    seen("erp01")
    assert state_of(campaign, "erp01") == (running, RequestState.APPROVED)
    seen("erp01", *CAPACITY)
    assert state_of(campaign, "erp01") == (running, RequestState.APPROVED)
    seen("erp01", *FILESET, status=1)
    assert state_of(campaign, "erp01") == (running, RequestState.APPROVED)
    compared = CampaignTarget.objects.exclude(compared_at=None)
    assert [target.lpar.name for target in compared] == ["erp01"]
    found = {"erp02": (ROOTVG_DISK, RequestState.PLANNING), "erp03": (FILESET, RequestState.SUBMITTED)}
    for name, (change, state) in found.items():
        seen(name, *change)
        assert state_of(campaign, name) == (halted, state)
        sign = campaign.signs.get(target__lpar__host__name=name)
        assert (sign.signal, sign.answered_at) == ("drift", None)
        assert campaign.state_reason.startswith(f"{name} is not as it was approved:")
        seen(name)
        assert campaign.signs.filter(answered_at=None).count() == 1
        resume_campaign(world.fleet.kim, campaign.pk, "It was announced.", campaign.newest_sign)
    assert [row.outcome for row in FoundDrift.objects.order_by("pk")] == ["void", "reapprove"]
    assert not Run.objects.exists()
