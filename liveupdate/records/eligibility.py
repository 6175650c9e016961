"""Which LPARs a campaign may take, and why not the others."""

from collections.abc import Sequence

from inventory.models import Lpar
from liveupdate.control.reasons import Reason
from liveupdate.models import CampaignTarget
from liveupdate.offers import why_not
from liveupdate.policies import may_request
from liveupdate.procedures.catalogue import procedure_named
from liveupdate.states import CAMPAIGN_OPEN, LparState, Verdict
from portal.access.models import User


def eligibility_of(person: User, lpars: Sequence[Lpar], procedure: str) -> dict[Lpar, list[Reason]]:
    """Why each LPAR cannot be in a campaign of this person with this procedure; nothing where it can.

    What is not known is no reason: each plan looks anew.
    """
    open_ones = CampaignTarget.objects.filter(lpar__in=lpars, campaign__state__in=CAMPAIGN_OPEN)
    taken = {target.lpar_id: target for target in open_ones.select_related("campaign")}
    allowed = {team: may_request(person, team) for team in {lpar.team for lpar in lpars}}
    return {
        lpar: [
            *([] if allowed[lpar.team] else [_not_yours(lpar)]),
            *_state_of(lpar, procedure),
            *([_in_another(taken[lpar.pk])] if lpar.pk in taken else []),
        ]
        for lpar in lpars
    }


def _not_yours(lpar: Lpar) -> Reason:
    return Reason(
        "not_a_requester", f"You do not ask for updates of team {lpar.team}.", "Ask somebody of the team."
    )


def _state_of(lpar: Lpar, name: str) -> list[Reason]:
    procedure, state = procedure_named(name), LparState(lpar.update_state)
    if state is not LparState.UNKNOWN and (refused := why_not(procedure, state)):
        return [Reason("wrong_state", refused)]
    if procedure.moves_workload and lpar.shown_verdict == Verdict.NOT_POSSIBLE:
        return [
            Reason(
                "not_possible",
                "A Live Update of it is not possible as its facts show it.",
                "Read on its page what stands in the way.",
            )
        ]
    return []


def _in_another(target: CampaignTarget) -> Reason:
    campaign = target.campaign
    return Reason(
        "in_campaign", f"It is in the campaign {campaign} ({campaign.number}), which is {campaign.state}."
    )
