"""What looks find at LPARs that wait in a campaign with an approved plan: their drift is ruled at once.

A start looks anew and rules again. But a campaign is to halt as soon as it is known that the estate is not
what was approved, and there is time left to approve anew.
"""

from django.db.models import F, Q, QuerySet

from inventory.actions.facts import stored_facts
from inventory.facts.base import FactSet
from liveupdate.actions.drifting import follow_rule
from liveupdate.actions.gates import drift_sentence, facts_known, plan_stands, state_known
from liveupdate.actions.looks import lpar_with_hosts
from liveupdate.control.drift import NOT_KNOWN, Outcome, Rule, gravest
from liveupdate.models import CampaignTarget, Request
from liveupdate.records.drifts import approved_basis, basis_now, drifts_of
from liveupdate.states import CampaignState, RequestState
from portal.audit.actor import Actor
from portal.lib.clock import now
from portal.lib.errors import Conflict

AT_ONCE = 10
"""LPARs that one look of the scheduler compares."""
MOVING = (CampaignState.RUNNING, CampaignState.HALTED)


def watch_drift() -> None:
    """Compare LPARs that were looked at since with what was approved, and do what the rules say."""
    for target in _seen_anew()[:AT_ONCE]:
        assert target.request is not None
        request = target.request
        request.lpar = lpar_with_hosts(target.lpar_id)
        seen_at = request.lpar.facts_read_at
        outcome = _outcome(request, stored_facts(request.lpar))
        CampaignTarget.objects.filter(pk=target.pk).update(compared_at=seen_at)
        if outcome is not None:
            follow_rule(request, outcome, Actor.portal())


def _seen_anew() -> QuerySet[CampaignTarget]:
    waiting = CampaignTarget.objects.filter(
        campaign__state__in=MOVING, request__state=RequestState.APPROVED, request__run=None
    )
    since = Q(compared_at__isnull=False, lpar__facts_read_at__gt=F("compared_at"))
    since |= Q(compared_at=None, lpar__facts_read_at__gt=F("request__plan__facts_read_at"))
    return waiting.filter(since).select_related("request__team", "request__plan").order_by("pk")


def _outcome(request: Request, facts: FactSet) -> Outcome | None:
    """What comes of these facts; None where nothing differs that counts, or where not enough is known.

    What only a start reads for a request (its media) is not known here, and is no drift.
    """
    at = now()
    if facts_known(request, facts, at) or state_known(request, facts, at):
        return None
    assert request.plan is not None
    try:
        basis = {**approved_basis(request.plan), **basis_now(request, facts)}
        found = [drift for drift in drifts_of(request, facts) if drift.now != NOT_KNOWN]
    except Conflict as altered:
        return Outcome(Rule.VOID, altered.message, [], basis_now(request, facts))
    if other := plan_stands(request, facts, at):
        return Outcome(Rule.VOID, other.message, found, basis)
    rule = gravest(found)
    if rule in (None, Rule.WARN):
        return None
    return Outcome(rule, drift_sentence(found, rule), found, basis)
