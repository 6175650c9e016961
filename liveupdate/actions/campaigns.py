"""What people do with campaigns: begin one, ask for its LPARs, start, halt, resume, withdraw it."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from inventory.policies import visible_lpars
from liveupdate.actions.campaign_steps import (
    NOT_BEGUN,
    add_sign,
    enter,
    enter_target,
    halt,
    hold_targets,
    move,
)
from liveupdate.actions.placing import clusters_of, place
from liveupdate.actions.requests import (
    Wish,
    asked_in,
    check_wish,
    create_request,
    fill,
    submit_request,
    withdraw_request,
)
from liveupdate.actions.runs import ask_abort
from liveupdate.control.signals import Sign
from liveupdate.models import Campaign, CampaignTarget
from liveupdate.policies import teams_of, visible_campaigns, why_not_resume
from liveupdate.records.eligibility import eligibility_of
from liveupdate.records.releases import lock_campaigns
from liveupdate.states import (
    REQUEST_MOVES,
    CampaignState,
    RequestState,
    Signal,
    check_campaign_move,
)
from portal.access.models import User
from portal.access.policies import require, roles
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed, PortalError

CONFIRM_OVER = 10
"""With more LPARs than this a person has to type how many they are."""
MOST_LPARS = 300


@dataclass(frozen=True, slots=True)
class CampaignTerms:
    """How a campaign goes about it; the names are those of `Campaign`."""

    name: str
    canaries_most: int = 2
    soak_minutes: int = 60
    failures_most: int = 1
    blackout_s: int = 60
    contact_minutes: int = 15
    clusters: str = ""
    applications_apart: bool = True


def create_campaign(
    person: User, lpar_ids: Collection[int], wish: Wish, terms: CampaignTerms, *, counted: int | None = None
) -> Campaign:
    """A draft of the same work on all these LPARs, with its waves; nothing is asked for yet.

    `counted` is how many LPARs the person says there are, needed for more than `CONFIRM_OVER`.
    Raises Invalid, also for an LPAR that is not eligible, and NotAllowed.
    """
    check_wish(wish)
    lpars = list(visible_lpars(person).filter(pk__in=lpar_ids).select_related("host", "team"))
    _check_count(len(lpars), counted)
    for lpar, reasons in eligibility_of(person, lpars, wish.procedure).items():
        if reasons:
            raise Invalid(f"{lpar}: {reasons[0].message}", code=reasons[0].code, remedy=reasons[0].remedy)
    clusters_of(terms.clusters)
    campaign = Campaign(owner=person, **asdict(terms))
    fill(campaign, wish)
    try:
        campaign.full_clean()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), code="policy_not_possible") from error
    with transaction.atomic():
        campaign.save()
        CampaignTarget.objects.bulk_create(CampaignTarget(campaign=campaign, lpar=lpar) for lpar in lpars)
        place(campaign)
        data = {**asked_in(campaign), **terms_of(campaign), "lpars": len(lpars), "owner": person.public_id}
        enter(Event.CAMPAIGN_CREATE, campaign, _actor(person), data)
    return campaign


def choose_canaries(person: User, campaign_id: int, names: Collection[str]) -> Campaign:
    """Plan a draft's waves anew with these canaries; with none, the portal proposes them.

    Raises NotAllowed, Conflict once the LPARs were asked for, Invalid for an LPAR that cannot be one.
    """
    with transaction.atomic():
        campaign = _locked(person, campaign_id)
        _require_for_all(person, {Role.REQUESTER}, campaign, f"change {campaign.number}")
        if campaign.state != CampaignState.DRAFT:
            raise Conflict(
                f"The waves of a campaign that is {campaign.state} stay as they are.", code="waves_fixed"
            )
        place(campaign, names)
    return campaign


def plan_campaign(person: User, campaign_id: int) -> Campaign:
    """Ask for the work on every LPAR that has a wave: one request each, planned by a worker.

    One that is refused is left out, with the reason. Raises NotAllowed, and Conflict when it is no draft
    or no LPAR has a place.
    """
    with transaction.atomic():
        campaign = _locked(person, campaign_id)
        _require_for_all(person, {Role.REQUESTER}, campaign, f"ask for the LPARs of {campaign.number}")
        check_campaign_move(CampaignState(campaign.state), CampaignState.PLANNED)
        targets = list(campaign.targets.exclude(wave=None).select_related("lpar__host"))
        asked = [target for target in targets if _ask(person, campaign, target)]
        if not asked:
            raise Conflict(
                "No LPAR of the campaign could be asked for.",
                remedy="Read the reason beside each LPAR.",
                code="nothing_to_ask",
            )
        if not any(target.canary for target in asked):
            raise Conflict(
                "None of the canaries could be asked for.",
                remedy="Choose others and ask again.",
                code="nothing_to_ask",
            )
        move(campaign, CampaignState.PLANNED)
        waves = max(target.wave or 0 for target in asked)
        enter(Event.CAMPAIGN_PLAN, campaign, _actor(person), {"lpars": len(asked), "waves": waves})
    return campaign


def submit_planned(person: User, campaign_id: int, digests: Mapping[int, str]) -> int:
    """Hand in the requests whose plans are ready: exactly the plans that were shown, by request.

    Returns how many. Raises NotAllowed, and Conflict when one of them is another one by now.
    """
    with transaction.atomic():
        campaign = _locked(person, campaign_id)
        _require_for_all(person, {Role.REQUESTER}, campaign, f"submit plans of {campaign.number}")
        ready = campaign.targets.filter(request__state=RequestState.PLANNED, request__in=list(digests))
        chosen = list(ready.values_list("request", flat=True))
        for request_id in chosen:
            assert request_id is not None
            submit_request(person, request_id, digests[request_id])
    return len(chosen)


def start_campaign(person: User, campaign_id: int) -> Campaign:
    """Let the campaign begin: its first wave goes as soon as it may. Raises NotAllowed, Conflict."""
    with transaction.atomic():
        campaign = _locked(person, campaign_id)
        _require_for_all(person, {Role.REQUESTER, Role.OPERATOR}, campaign, f"start {campaign.number}")
        move(campaign, CampaignState.RUNNING)
        enter(Event.CAMPAIGN_START, campaign, _actor(person), {})
    return campaign


def halt_campaign(person: User, campaign_id: int, reason: str) -> Campaign:
    """Let nothing more begin; what runs goes on to its end.

    Raises Invalid without a reason, NotAllowed, Conflict when it does not run.
    """
    if not reason.strip():
        raise Invalid(
            "A halt needs a reason.", remedy="Say what speaks against going on.", code="reason_missing"
        )
    with transaction.atomic():
        campaign = _locked(person, campaign_id)
        require_halter(person, campaign)
        check_campaign_move(CampaignState(campaign.state), CampaignState.HALTED)
        add_sign(campaign, Sign(Signal.PERSON, f"{person.public_id}: {reason}"), _actor(person))
        halt(campaign, _actor(person), reason)
    return campaign


def require_halter(person: User, campaign: Campaign) -> None:
    """Raise NotAllowed unless this person asks, approves or operates for one of the campaign's teams."""
    allowed = {Role.REQUESTER, Role.APPROVER, Role.OPERATOR}
    if not any(roles(person, team) & allowed for team in teams_of(campaign)):
        raise NotAllowed(
            f"You may not halt {campaign.number}: you neither ask, approve nor operate for its teams.",
            remedy="Ask somebody who does.",
            code="may_not_halt",
        )


def require_resumer(person: User, campaign: Campaign) -> None:
    """Raise NotAllowed unless this person may let a halted campaign go on."""
    if why_not := why_not_resume(person, campaign):
        raise NotAllowed(
            why_not, remedy="Ask an operator, or an approver who does not own it.", code="may_not_resume"
        )


def resume_campaign(person: User, campaign_id: int, reason: str, sign: int) -> Campaign:
    """Decide that a halted campaign goes on although of what was found; every sign so far is answered by it.

    `sign` is the newest that the person was shown. Raises NotAllowed for its owner and for who neither
    operates nor approves, Invalid without a reason, Conflict when it is not halted or something more was
    found.
    """
    with transaction.atomic():
        campaign = _locked(person, campaign_id)
        require_resumer(person, campaign)
        if not reason.strip():
            raise Invalid(
                "Going on needs a reason.",
                remedy="Say what you found and why it is no danger.",
                code="reason_missing",
            )
        if campaign.newest_sign != sign:
            raise Conflict(
                f"More speaks against going on with {campaign.number} than you were shown.",
                remedy="Read it again, then decide.",
                code="changed_meanwhile",
            )
        move(campaign, CampaignState.RUNNING)
        unanswered = campaign.signs.filter(answered_at=None)
        signs = list(unanswered.order_by("pk").values_list("pk", flat=True))
        unanswered.update(answered_at=now(), answered_by=person, answer=reason)
        enter(Event.CAMPAIGN_RESUME, campaign, _actor(person), {"reason": reason, "signs": signs})
    return campaign


def withdraw_campaign(person: User, campaign_id: int, reason: str) -> Campaign:
    """End a campaign, and withdraw its requests that have not begun; what runs goes on to its end.

    Raises Invalid without a reason, NotAllowed, Conflict when it is over.
    """
    if not reason.strip():
        raise Invalid(
            "Withdrawing needs a reason.", remedy="Say why it is not needed any more.", code="reason_missing"
        )
    with transaction.atomic():
        campaign = _locked(person, campaign_id)
        _require_for_all(person, {Role.REQUESTER}, campaign, f"withdraw {campaign.number}")
        hold_targets(campaign, _actor(person))
        move(campaign, CampaignState.WITHDRAWN, reason)
        enter(Event.CAMPAIGN_WITHDRAW, campaign, _actor(person), {"reason": reason})
        for target in campaign.targets.filter(NOT_BEGUN).exclude(request=None).select_related("request__run"):
            asked = target.request
            assert asked is not None
            if RequestState.WITHDRAWN in REQUEST_MOVES[RequestState(asked.state)]:
                withdraw_request(person, asked.pk, f"{campaign.number} was withdrawn: {reason}")
            elif asked.state == RequestState.STARTED:
                ask_abort(asked.run.pk, person)
    return campaign


def terms_of(campaign: Campaign) -> dict[str, Any]:
    """How a campaign goes about it, as the ledger holds it."""
    return {name: _plain(getattr(campaign, name)) for name in CampaignTerms.__dataclass_fields__}


def wish_of(campaign: Campaign) -> Wish:
    """What is asked for on each LPAR of a campaign."""
    return Wish(
        procedure=campaign.procedure,
        media=campaign.media,
        target_level=campaign.target_level,
        choices=campaign.choices,
        consents=campaign.consents,
        reason=campaign.reason,
        impact=campaign.impact,
        fallback=campaign.fallback,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
    )


def _ask(person: User, campaign: Campaign, target: CampaignTarget) -> bool:
    """Ask for one LPAR; whether it was possible."""
    try:
        target.request = create_request(person, target.lpar_id, wish_of(campaign))
    except PortalError as refused:
        target.wave, target.why = None, f"{refused.message} {refused.remedy}".strip()
        target.save(update_fields=["wave", "why"])
        return False
    target.save(update_fields=["request"])
    enter_target(Event.CAMPAIGN_JOIN, campaign, [target], _actor(person))
    return True


def _check_count(lpars: int, counted: int | None) -> None:
    if not lpars:
        raise Invalid(
            "A campaign needs LPARs.", remedy="Name at least one that you may ask for.", code="no_lpars"
        )
    if lpars > MOST_LPARS:
        raise Invalid(
            f"A campaign takes at most {MOST_LPARS} LPARs.",
            remedy="Make several of it.",
            code="too_many_lpars",
        )
    if lpars > CONFIRM_OVER and counted != lpars:
        raise Invalid(
            f"These are {lpars} LPARs.", code="not_counted", remedy=f"Type {lpars} to say that you mean them."
        )


def _locked(person: User, campaign_id: int) -> Campaign:
    lock_campaigns()
    campaign = visible_campaigns(person).select_for_update(no_key=True).filter(pk=campaign_id).first()
    if campaign is None:
        raise Invalid("There is no such campaign among those you may see.", code="not_found")
    return campaign


def _require_for_all(person: User, allowed: Collection[Role], campaign: Campaign, doing: str) -> None:
    for team in teams_of(campaign):
        require(person, allowed, team, doing)


def _actor(person: User) -> Actor:
    return Actor.person(person.public_id)


def _plain(value: Any) -> int | str:
    return int(value) if isinstance(value, bool) else value
