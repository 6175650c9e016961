"""Mails about campaigns, in the transaction of what they tell of: to who has to act on them."""

from collections.abc import Collection, Iterable

from liveupdate.actions.notices import tell
from liveupdate.control.notices import Occasion
from liveupdate.models import Campaign, CampaignTarget, Request
from liveupdate.policies import possible_deciders, possible_resumers
from liveupdate.states import RUN_LIVE, CampaignState, RequestState
from portal.access.models import User

DECIDED_BY_PEOPLE = frozenset({"not_approved", "no_canary"})
"""Codes of holds that no time ends: somebody has to act."""
MOST_NAMED = 10


def tell_halted(campaign: Campaign, reason: str) -> None:
    """Tell who may decide that a campaign goes on, and its owner, why it does not; once for each halt."""
    newest = campaign.signs.filter(answered_at=None).order_by("-pk").values_list("pk", flat=True).first()
    under_way = campaign.targets.filter(request__run__state__in=RUN_LIVE).exclude(request__run__owner="")
    tell(
        Occasion.CAMPAIGN_HALTED,
        {campaign.owner, *possible_resumers(campaign)},
        campaign,
        matter=f"sign {newest}",
        reasons=[
            reason,
            f"Nothing more begins. Updates that are under way go on to their end: {under_way.count()}.",
            "An operator or an approver who does not own it may decide that it goes on.",
        ],
        only_while=CampaignState.HALTED,
    )


def tell_waiting(campaign: Campaign, targets: Iterable[CampaignTarget]) -> None:
    """Tell who has to act that LPARs wait for a person although their wave is due; once for each wave.

    `targets` wait for a reason of `DECIDED_BY_PEOPLE`.
    """
    by_wave: dict[tuple[int, str], list[CampaignTarget]] = {}
    for target in targets:
        by_wave.setdefault((target.wave or 0, target.hold["code"]), []).append(target)
    for (wave, code), waiting in by_wave.items():
        requests = [target.request for target in waiting if target.request is not None]
        if code == "not_approved":
            reasons = _not_approved(wave, waiting, requests)
            people = {campaign.owner, *_deciders(requests)}
        else:
            reasons = [f"{waiting[0].hold['message']} {waiting[0].hold['remedy']}"]
            people = {campaign.owner, *possible_resumers(campaign)}
        tell(
            Occasion.CAMPAIGN_WAITS,
            people,
            campaign,
            matter=f"wave {wave} {code}",
            reasons=reasons,
            only_while=CampaignState.RUNNING,
        )


def _not_approved(wave: int, waiting: Collection[CampaignTarget], requests: Collection[Request]) -> list[str]:
    more = len(requests) - MOST_NAMED
    canary = (
        "A canary among them holds every wave after this one." if any(one.canary for one in waiting) else ""
    )
    return [
        f"Wave {wave} is due, and {len(waiting)} of its LPARs wait because nobody has approved their plans:",
        *(f"{one.lpar}: {one.number} is {one.state}" for one in list(requests)[:MOST_NAMED]),
        f"and {more} more" if more > 0 else "",
        canary,
    ]


def _deciders(requests: Iterable[Request]) -> set[User]:
    submitted = [request for request in requests if request.state == RequestState.SUBMITTED]
    return {person for request in submitted for person in possible_deciders(request)}
