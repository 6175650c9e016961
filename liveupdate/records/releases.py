"""Whether a campaign lets a request start: by its rows, and by the ledger, which no edited row outweighs."""

from django.db.models import Q

from liveupdate.control.reasons import Reason, reason_in
from liveupdate.models import Campaign, CampaignTarget, Request
from liveupdate.states import RUN_LIVE, CampaignState
from portal.audit.events import Event
from portal.audit.said import said_of

ENTRIES = (Event.CAMPAIGN_JOIN, Event.CAMPAIGN_RELEASE, Event.CAMPAIGN_HOLD)
"""The newest of these about a request says whether it may start."""


def released(request: str = "") -> Q:
    """The condition on requests (or on what refers to them by `request`) that no campaign holds them."""
    target = f"{request}__campaign_target" if request else "campaign_target"
    let_go = {f"{target}__released_at__isnull": False, f"{target}__campaign__state": CampaignState.RUNNING}
    return Q(**{target: None}) | Q(**let_go)


def lock_campaigns() -> None:
    """Let no campaign go on or start a request until the caller's transaction ends."""
    moving = Campaign.objects.filter(state__in=(CampaignState.RUNNING, CampaignState.HALTED)).order_by("pk")
    list(moving.select_for_update(no_key=True).values_list("pk"))


def why_held(request: Request) -> Reason | None:
    """Why its campaign does not let a request start now; None when it does, or for one of no campaign."""
    entered = next(said_of(request.number, ENTRIES), None)
    target = CampaignTarget.objects.filter(request=request).select_related("campaign").first()
    if entered is None and target is None:
        return None
    if target is None or entered is None:
        return Reason(
            "campaign_altered",
            f"The ledger and the tables say different things about the campaign of {request.number}.",
            "Have an auditor verify the ledger.",
        )
    if target.campaign.state != CampaignState.RUNNING or target.released_at is None:
        return hold_of(target)
    if entered["t"] != Event.CAMPAIGN_RELEASE:
        return Reason(
            "campaign_not_released",
            f"The ledger knows of no release of {request.number} by its campaign.",
            "Have an auditor verify the ledger.",
        )
    return _beside(target)


def hold_of(target: CampaignTarget) -> Reason:
    """What a request that is not released waits for, as its campaign said last."""
    campaign = target.campaign
    page = campaign.get_absolute_url()
    match campaign.state:
        case CampaignState.HALTED:
            halted = f"The campaign {campaign} is halted: {campaign.state_reason}"
            return Reason("campaign_halted", halted, link=page)
        case CampaignState.RUNNING:
            if target.hold:
                return reason_in(target.hold)
            return Reason("campaign_wave", f"The campaign {campaign} has not released it yet.", link=page)
    return Reason(
        "campaign_not_running",
        f"It belongs to the campaign {campaign}, which is {campaign.state}.",
        "Start the campaign." if campaign.state == CampaignState.PLANNED else "",
        link=page,
    )


def _beside(target: CampaignTarget) -> Reason | None:
    """Why it waits for the run of an LPAR that it is kept apart from."""
    if not target.apart:
        return None
    under_way = CampaignTarget.objects.filter(request__run__state__in=RUN_LIVE).exclude(pk=target.pk)
    for other in under_way.select_related("lpar__host").order_by("pk"):
        if shared := sorted(set(other.apart) & set(target.apart)):
            return Reason("kept_apart", f"{other.lpar}, of the same {shared[0]}, is being updated.")
    return None
