"""What is different between the plan that is read and another one of the same procedure."""

import json
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from liveupdate.control.difference import Difference, Kind, compare
from liveupdate.control.likeness import neutral
from liveupdate.models import CampaignTarget, Plan
from liveupdate.policies import visible_requests
from liveupdate.states import RequestState, RunState
from portal.access.models import User

SUCCEEDED = (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE)
UNDER_WAY = (RequestState.SUBMITTED, RequestState.APPROVED, RequestState.STARTED)
MOST = 20
"""Plans to choose from."""
MOST_CANARIES = 5
"""So many canaries stand beside a plan."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The plan beside another one. Where that is for another LPAR, what only names the target is left out."""

    other: Plan
    elsewhere: bool
    difference: Difference


def comparison_of(person: User, plan: Plan, chosen: str = "") -> Comparison | None:
    """The plan beside the chosen one (its id), or else beside the last of this LPAR that succeeded, or a
    canary's of its campaign.

    None where there is no such plan that the person may see.
    """
    rows = _comparable(person, plan)
    if chosen.isascii() and chosen.isdigit():
        other = rows.filter(pk=int(chosen)).first()
    else:
        succeeded = rows.filter(lpar=plan.lpar_id, runs__state__in=SUCCEEDED)
        other = succeeded.order_by("-runs__ended_at").first() or _canaries(rows, plan).first()
    if other is None:
        return None
    elsewhere = other.lpar_id != plan.lpar_id
    before, after = json.loads(other.document), json.loads(plan.document)
    if elsewhere:
        before, after = neutral(before), neutral(after)
    return Comparison(other, elsewhere, compare(before, after))


@dataclass(frozen=True, slots=True)
class BesideCanaries:
    """A plan beside those of its canaries; `not_covered` is what its LPAR has and they have not."""

    plans: tuple[Comparison, ...]
    not_covered: tuple[str, ...]


def beside_canaries(person: User, plan: Plan) -> BesideCanaries | None:
    """The plan beside those of its campaign's canaries; None for one of no campaign, or a canary's own."""
    own = CampaignTarget.objects.filter(request=plan.request_id, canary=False).first()
    if own is None:
        return None
    canaries = CampaignTarget.objects.filter(campaign=own.campaign_id, canary=True)
    after = neutral(json.loads(plan.document))
    plans = tuple(
        Comparison(other, True, compare(neutral(json.loads(other.document)), after))
        for other in _canaries(_comparable(person, plan), plan)[:MOST_CANARIES]
    )
    seen = frozenset[str]().union(*canaries.values_list("traits", flat=True))
    unknown = (f"unknown {what}" for what in own.unknown)
    return BesideCanaries(plans, (*sorted(set(own.traits) - seen), *unknown))


def marks_of(comparison: Comparison | None) -> dict[str, str]:
    """What became of steps of the plan that is read, by their ids; nothing where both are the same."""
    steps = comparison.difference.steps if comparison else ()
    return {step.id: step.kind.value for step in steps if step.kind in (Kind.ADDED, Kind.CHANGED)}


def to_compare_with(person: User, plan: Plan) -> list[tuple[str, list[Plan]]]:
    """Plans of the same procedure to choose from: of this LPAR, of its campaign's canaries, and of others.

    Those whose runs succeeded, and those that wait, are approved or run; the newest first. A group without
    any is left out.
    """
    rows = _comparable(person, plan).defer("document", "findings")
    known = rows.filter(Q(runs__state__in=SUCCEEDED) | Q(request__state__in=UNDER_WAY)).distinct()
    found = list(known.order_by("-pk")[:MOST])
    canaries = list(_canaries(rows, plan)[:MOST])
    groups = [
        ("This LPAR", [each for each in found if each.lpar_id == plan.lpar_id]),
        ("Canaries of the campaign", canaries),
        ("Other LPARs", [each for each in found if each.lpar_id != plan.lpar_id and each not in canaries]),
    ]
    return [(where, plans) for where, plans in groups if plans]


def _canaries(rows: QuerySet[Plan], plan: Plan) -> QuerySet[Plan]:
    """Those of `rows` that canaries of the plan's campaign have now."""
    campaigns = CampaignTarget.objects.filter(request=plan.request_id).values("campaign")
    canaries = CampaignTarget.objects.filter(campaign__in=campaigns, canary=True)
    return rows.filter(pk__in=canaries.values("request__plan")).order_by("-pk")


def _comparable(person: User, plan: Plan) -> QuerySet[Plan]:
    rows = Plan.objects.filter(procedure=plan.procedure, request__in=visible_requests(person))
    return rows.exclude(pk=plan.pk).select_related("request__run", "lpar__host")
