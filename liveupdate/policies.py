"""Who may do what with requests, and whether the decisions on a plan still carry it."""

from django.conf import settings
from django.db.models import Q, QuerySet

from liveupdate.control.ruling import Refusal, Rule
from liveupdate.models import Approval, Campaign, CampaignTarget, Plan, Request
from liveupdate.records.decidable import decided_besides_their_teams
from liveupdate.records.grants import waits_for_decision
from liveupdate.records.ladders import (
    Standing,
    check_plan,
    entered_standing_of,
    not_in_the_ledger,
    standing_of,
    why_not_carried,
)
from liveupdate.states import RequestState
from portal.access.factors import Factor
from portal.access.models import Team, User
from portal.access.policies import SEE_EVERYTHING, Person, of_visible_teams, require, roles, visible_teams
from portal.access.roles import Role
from portal.lib.errors import Conflict, NotAllowed

EDITABLE = frozenset(
    {
        RequestState.DRAFT,
        RequestState.PLANNED,
        RequestState.BLOCKED,
        RequestState.SUBMITTED,
        RequestState.APPROVED,
        RequestState.REJECTED,
        RequestState.EXPIRED,
    }
)


def visible_requests(person: Person) -> QuerySet[Request]:
    """The requests that a person may see: those of their teams, and those that they decide on besides."""
    rows = Request.objects.all()
    besides = None
    if isinstance(person, User) and not roles(person, None) & SEE_EVERYTHING:
        besides = decided_besides_their_teams(person)
    if besides is None:
        return of_visible_teams(person, rows)
    return rows.filter(besides | Q(team__in=visible_teams(person)))


def sees_team(person: Person, team: Team) -> bool:
    """Whether a person sees a team's LPARs and runs, not only what they decide on for it."""
    return visible_teams(person).filter(pk=team.pk).exists()


def visible_targets(person: Person) -> QuerySet[CampaignTarget]:
    """The LPARs of campaigns that a person may see."""
    return of_visible_teams(person, CampaignTarget.objects.all(), "lpar__team")


def visible_campaigns(person: Person) -> QuerySet[Campaign]:
    """The campaigns that hold an LPAR which the person may see."""
    return Campaign.objects.filter(pk__in=visible_targets(person).values("campaign"))


def teams_of(campaign: Campaign) -> list[Team]:
    """The teams whose LPARs a campaign is about."""
    return list(Team.objects.filter(lpars__campaign_targets__campaign=campaign).distinct().order_by("name"))


def why_not_resume(person: User, campaign: Campaign) -> str:
    """Why this person may not let a halted campaign go on; empty when they may."""
    if person.pk == campaign.owner_id:
        return "The campaign is yours; somebody else has to decide that it goes on."
    for team in teams_of(campaign):
        if not {Role.OPERATOR, Role.APPROVER} & roles(person, team):
            return f"You are neither an operator nor an approver of team {team}."
    return ""


def possible_resumers(campaign: Campaign) -> list[User]:
    """Everybody who could decide that a halted campaign goes on."""
    here = Q(memberships__team=None) | Q(memberships__team__in=teams_of(campaign))
    held = User.objects.filter(here, memberships__role__in=[Role.OPERATOR, Role.APPROVER], is_active=True)
    return [person for person in held.distinct().order_by("pk") if not why_not_resume(person, campaign)]


def may_request(person: User, team: Team) -> bool:
    """Whether a person asks for updates on behalf of this team."""
    return Role.REQUESTER in roles(person, team)


def requesting_teams(person: User) -> frozenset[int] | None:
    """The teams on whose behalf a person asks for updates; None for one who does for every team."""
    if Role.REQUESTER in roles(person, None):
        return None
    return frozenset(team.pk for team in visible_teams(person) if may_request(person, team))


def require_requester(person: User, team: Team, doing: str) -> None:
    """Raise NotAllowed unless the person asks for updates on behalf of this team."""
    require(person, {Role.REQUESTER}, team, doing)


def require_any_requester(person: User) -> None:
    """Raise NotAllowed unless the person asks for updates on behalf of some team."""
    if requesting_teams(person) == frozenset():
        raise NotAllowed(
            "You may not ask for work: this needs the role requester in some team.",
            remedy="Ask an administrator for the role, or ask somebody who has it.",
            code="role_missing",
        )


def why_not_decide(person: User, request: Request, standing: Standing | None = None) -> str:
    """Why this person may not approve or reject this request; empty when they may."""
    refusal = refusal_for(person, request, standing)
    return refusal.said if refusal else ""


def refusal_for(person: User, request: Request, standing: Standing | None = None) -> Refusal | None:
    """The same with its code; None when they may."""
    return (standing or standing_of(request)).may(person).refusal


VOICES = frozenset({Role.REQUESTER, Role.APPROVER})
"""Who speaks about a team's requests: those who ask and those who decide."""


def has_voice(person: User, request: Request) -> bool:
    """Whether a person takes part in the conversation on this request."""
    return bool(roles(person, request.team) & VOICES)


def require_voice(person: User, request: Request) -> None:
    """Raise NotAllowed unless the person takes part in the conversation on this request."""
    require(person, VOICES, request.team, f"speak about {request.number}")


def require_decider(person: User, request: Request) -> None:
    """Raise NotAllowed, saying why, unless the person may decide on this request."""
    if refusal := refusal_for(person, request):
        raise NotAllowed(refusal.said, code=refusal.code)


def factor_wanted(rule: Rule) -> Factor:
    """The proof that an approval needs: the stronger of what the site and the policy ask for."""
    site, policy = Factor(settings.PORTAL_STEP_UP), Factor(rule["step_up"])
    return site if site.satisfies(policy) else policy


def possible_deciders(request: Request, standing: Standing | None = None) -> list[User]:
    """Everybody who could decide on this request now."""
    able = (standing or standing_of(request)).able()
    return [person for person, answer in able if answer.refusal is None]


def standing_approvals(plan: Plan) -> list[Approval]:
    """The approvals of this plan that count by the tables: for pages."""
    return standing_of(plan.request).counted() if plan.request is not None else []


def approvals_hold(request: Request) -> list[Approval]:
    """The approvals that carry the request's plan. Raises Conflict (`quorum`) when they do not.

    An emergency may start with one decision missing. The plan's stored text must still have the digest
    that was approved, and the ledger must say of each approval that it was given: a row that somebody
    wrote into the table carries nothing.
    """
    check_plan(request)
    standing = entered_standing_of(request)
    ladder = standing.ladder
    shown = standing_of(request, standing.deciders, standing.terms)
    if not ladder.startable and waits_for_decision(request):
        raise Conflict(
            f"The LPAR changed since the plan of {request.number} was approved; nobody has decided on that.",
            remedy="Read what changed on the request's page, and approve the plan once more.",
            code="drift_to_decide",
        )
    if not shown.ladder.startable:
        raise _lost(request, shown)
    if not ladder.startable:
        raise not_in_the_ledger(request)
    return standing.counted()


def _lost(request: Request, standing: Standing) -> Conflict:
    reason = why_not_carried(standing)
    assert reason is not None
    return Conflict(
        f"Nobody's approval carries the plan of {request.number} any more. {reason.message}",
        code="quorum",
        remedy=reason.remedy,
    )
