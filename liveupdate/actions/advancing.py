"""The portal's part in campaigns: examine what ended, halt on what it shows, release the next wave."""

from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q

from inventory.facts.base import Output, Unparsable
from inventory.facts.error_log import ErrorEntry, error_entries
from liveupdate.actions.campaign_mail import DECIDED_BY_PEOPLE, tell_waiting
from liveupdate.actions.campaign_steps import add_sign, enter, halt, move, release_targets
from liveupdate.control.rollout import Rollout, Stage, Standing, rollout
from liveupdate.control.signals import Bounds, Outcome, Sign, signs_of
from liveupdate.dispatch import ring_on_commit
from liveupdate.models import Campaign, CampaignTarget, OutputChunk, Request, Run, RunEvent
from liveupdate.records.releases import lock_campaigns
from liveupdate.states import (
    REQUEST_TERMINAL,
    RUN_LIVE,
    RUN_TERMINAL,
    CampaignState,
    RequestState,
    RunState,
    Signal,
)
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.lib.clock import now

MOVING = (CampaignState.RUNNING, CampaignState.HALTED)
BEFORE, AFTER = "errors_before", "errors_as_before"
"""The steps of a plan that record the permanent errors of the error log."""
GOOD = (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE)


def campaigns_to_advance() -> list[int]:
    """The campaigns that run, and the halted ones whose last runs may still show something."""
    return list(Campaign.objects.filter(state__in=MOVING).order_by("pk").values_list("pk", flat=True))


def advance(campaign_id: int) -> None:
    """Bring one campaign as far as it may go now. Done twice, or by two at once, it does nothing more."""
    with transaction.atomic():
        lock_campaigns()
        campaign = Campaign.objects.filter(pk=campaign_id, state__in=MOVING).first()
        if campaign is None:
            return
        targets = list(_targets(campaign))
        _examine(campaign, targets)
        if campaign.state == CampaignState.RUNNING and (reason := _why_halt(campaign)):
            halt(campaign, Actor.portal(), reason)
        elif campaign.state == CampaignState.RUNNING:
            _go_on(campaign, targets)


def note_drift(request: Request, drift: str, actor: Actor) -> None:
    """An LPAR is not as it was approved: its campaign halts, in the same transaction."""
    target = CampaignTarget.objects.filter(request=request).select_related("campaign", "lpar__host").first()
    if target is None or target.campaign.state not in MOVING:
        return
    sign = Sign(Signal.DRIFT, f"{target.lpar} is not as it was approved: {drift}")
    add_sign(target.campaign, sign, actor, target=target)
    if target.campaign.state == CampaignState.RUNNING:
        halt(target.campaign, actor, sign.message)


def standings_of(targets: list[CampaignTarget]) -> list[Standing]:
    """Where each LPAR stands that has a wave."""
    return [
        Standing(
            target.lpar.name,
            target.wave,
            target.canary,
            _stage(target.request),
            run.ended_at if (run := getattr(target.request, "run", None)) else None,
        )
        for target in targets
        if target.wave is not None and target.request is not None
    ]


def _targets(campaign: Campaign) -> list[CampaignTarget]:
    related = campaign.targets.exclude(request=None).exclude(wave=None)
    return list(related.select_related("lpar__host", "request__run").defer("request__findings"))


def _stage(request: Request) -> Stage:
    run: Run | None = getattr(request, "run", None)
    if run is not None:
        if run.state in RUN_TERMINAL:
            return Stage.SUCCEEDED if run.state in GOOD else Stage.FAILED
        return Stage.UNDER_WAY
    if request.state in REQUEST_TERMINAL:
        return Stage.GONE
    return Stage.APPROVED if request.state == RequestState.APPROVED else Stage.NOT_APPROVED


def _examine(campaign: Campaign, targets: list[CampaignTarget]) -> None:
    """Look at every run that is under way, and once more at each that has ended since."""
    level = campaign.target_level
    bounds = Bounds(campaign.blackout_s, campaign.contact_minutes, level)
    for target in targets:
        run: Run | None = getattr(target.request, "run", None)
        if run is None or target.judged_at is not None:
            continue
        for sign in signs_of(_outcome(target.lpar.name, run), bounds):
            add_sign(campaign, sign, Actor.portal(), target=target, run=run)
        if run.state in RUN_TERMINAL:
            CampaignTarget.objects.filter(pk=target.pk).update(judged_at=now())


def _outcome(name: str, run: Run) -> Outcome:
    ended = run.state in RUN_TERMINAL
    return Outcome(
        lpar=name,
        state=RunState(run.state),
        blackout_s=_blackout_s(run),
        level_after=run.level_after,
        errors_before=_errors(run, BEFORE) if ended else None,
        errors_after=_errors(run, AFTER) if ended else None,
        lost_for=_lost_for(run) if run.state == RunState.CONTACT_LOST else None,
        outcome=run.outcome,
    )


def _blackout_s(run: Run) -> float | None:
    """How long the workload stood still, so far where it still does."""
    if run.blackout_ms is None and run.blackout_started_at and run.state in RUN_LIVE:
        return ((run.blackout_ended_at or now()) - run.blackout_started_at).total_seconds()
    return run.blackout_s


def _lost_for(run: Run) -> timedelta:
    last = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.STATE).order_by("-id").first()
    return now() - last.at if last else timedelta(0)


def _errors(run: Run, step: str) -> tuple[ErrorEntry, ...] | None:
    """What a step of the run recorded of the error log; None where it did not, or not legibly."""
    command = run.commands.filter(step__key=step, status=0).order_by("number").last()
    if command is None:
        return None
    pieces = OutputChunk.objects.filter(command=command, stream="stdout").order_by("offset")
    text = b"".join(bytes(piece) for piece in pieces.values_list("content", flat=True))
    try:
        return error_entries(Output(text.decode(errors="replace")))
    except Unparsable:
        return None


def _why_halt(campaign: Campaign) -> str:
    """Why a campaign must not go on, by what nobody has answered yet; empty when nothing weighs enough."""
    open_ones = campaign.signs.filter(answered_at=None)
    failure = Q(signal=Signal.FAILURE)
    failures = open_ones.filter(failure).aggregate(
        all=Count("pk"), canaries=Count("pk", filter=Q(target__canary=True))
    )
    weighty = open_ones.exclude(failure)
    if failures["canaries"] or failures["all"] >= campaign.failures_most:
        weighty = open_ones
    return " ".join(weighty.order_by("pk").values_list("message", flat=True))


def _go_on(campaign: Campaign, targets: list[CampaignTarget]) -> None:
    found = rollout(standings_of(targets), campaign.soak, now())
    if found.finished:
        move(campaign, CampaignState.FINISHED)
        enter(Event.CAMPAIGN_FINISH, campaign, Actor.portal(), {})
        return
    _write_holds(campaign, targets, found)
    waiting = [each for each in targets if each.lpar.name in found.released and each.released_at is None]
    for request_id in release_targets(campaign, waiting, Actor.portal()):
        Request.objects.filter(pk=request_id, state=RequestState.APPROVED).update(planning_until=None)
        ring_on_commit("start", request_id)


def _write_holds(campaign: Campaign, targets: list[CampaignTarget], found: Rollout) -> None:
    """Say beside each LPAR, and on its approved request, what it waits for; tell who has to act."""
    page = campaign.get_absolute_url()
    to_act = []
    for target in targets:
        reason = found.holds.get(target.lpar.name)
        hold = replace(reason, link=page).as_dict() if reason else {}
        if hold == target.hold:
            continue
        CampaignTarget.objects.filter(pk=target.pk).update(hold=hold)
        target.hold = hold
        if hold.get("code") in DECIDED_BY_PEOPLE:
            to_act.append(target)
        approved = Request.objects.filter(campaign_target=target, state=RequestState.APPROVED)
        approved.update(held_by=[hold] if hold else [])
    tell_waiting(campaign, to_act)
