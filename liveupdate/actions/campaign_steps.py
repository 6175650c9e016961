"""Moves of campaigns, each with its ledger entry, for people's acts and for the portal's own."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from liveupdate.actions.campaign_mail import tell_halted
from liveupdate.control.signals import Sign
from liveupdate.models import Campaign, CampaignSign, CampaignTarget, Run
from liveupdate.states import CampaignState, RunState, check_campaign_move
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now

NOT_BEGUN = Q(request__run=None) | Q(request__run__state=RunState.QUEUED, request__run__owner="")
"""Targets whose run no worker has taken up."""


def move(campaign: Campaign, state: CampaignState, reason: str = "") -> None:
    """Bring a campaign whose row is locked into another state. Raises Conflict."""
    check_campaign_move(CampaignState(campaign.state), state)
    campaign.state, campaign.state_reason = state, reason
    campaign.save(update_fields=["state", "state_reason"])


def halt(campaign: Campaign, actor: Actor, reason: str) -> None:
    """Let nothing more begin: every release whose run has not begun is taken back, people are told."""
    move(campaign, CampaignState.HALTED, reason)
    enter(Event.CAMPAIGN_HALT, campaign, actor, {"reason": reason})
    hold_targets(campaign, actor)
    tell_halted(campaign, reason)


def hold_targets(campaign: Campaign, actor: Actor) -> None:
    """Take back the releases whose runs have not begun."""
    let_go = campaign.targets.filter(NOT_BEGUN).exclude(released_at=None)
    targets = list(let_go.select_related("request", "lpar__host"))
    CampaignTarget.objects.filter(pk__in=[target.pk for target in targets]).update(released_at=None)
    for target in targets:
        target.released_at = None
    enter_target(Event.CAMPAIGN_HOLD, campaign, targets, actor)


def release_targets(campaign: Campaign, targets: Iterable[CampaignTarget], actor: Actor) -> list[int]:
    """Let requests go that are not yet; returns their ids. Of several callers one does it."""
    released = []
    for target in targets:
        waiting = CampaignTarget.objects.filter(pk=target.pk, released_at=None)
        if not waiting.update(released_at=now(), hold={}):
            continue
        target.released_at = now()
        enter_target(Event.CAMPAIGN_RELEASE, campaign, [target], actor)
        assert target.request_id is not None
        released.append(target.request_id)
    return released


def add_sign(
    campaign: Campaign,
    sign: Sign,
    actor: Actor,
    *,
    target: CampaignTarget | None = None,
    run: Run | None = None,
) -> None:
    """Write down what speaks against going on; once for each signal of a run."""
    if run is not None and campaign.signs.filter(signal=sign.signal, run=run).exists():
        return
    row = CampaignSign.objects.create(
        campaign=campaign, signal=sign.signal, target=target, run=run, message=sign.message
    )
    data: dict[str, Any] = {"sign": row.pk, "signal": sign.signal.value, "message": sign.message}
    if run is not None:
        data["run"] = run.pk
    enter(Event.CAMPAIGN_SIGN, campaign, actor, data)


def enter(event: Event, campaign: Campaign, actor: Actor, data: Mapping[str, Any]) -> None:
    """Enter an act on a campaign, with the state that it leaves."""
    record(event, actor, {"campaign": campaign.number}, {"state": str(campaign.state), **data})


def enter_target(event: Event, campaign: Campaign, targets: Iterable[CampaignTarget], actor: Actor) -> None:
    """Enter what becomes of requests in their campaign."""
    for target in targets:
        assert target.request is not None
        subject = {
            "request": target.request.number,
            "lpar": target.lpar.name,
            "campaign": campaign.number,
        }
        record(event, actor, subject, place_of(target))


def place_of(target: CampaignTarget) -> dict[str, Any]:
    """Where a request stands in its campaign, as the ledger holds it."""
    return {
        "wave": target.wave or 0,
        "canary": int(target.canary),
        "apart": target.apart,
        "released": int(target.released_at is not None),
    }
