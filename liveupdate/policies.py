"""Who may do what with requests, and whether the decisions on a plan still carry it."""

from django.db.models import QuerySet

from liveupdate.models import Approval, Campaign, CampaignTarget, Plan, Request
from liveupdate.records.grants import granted, waits_for_decision
from liveupdate.states import RequestState
from portal.access.models import Team, User
from portal.access.policies import Person, of_visible_teams, require, roles, visible_teams
from portal.access.roles import Role
from portal.lib.canonical import digest
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
    """The requests that a person may see."""
    return of_visible_teams(person, Request.objects.all())


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


def why_not_decide(person: User, request: Request) -> str:
    """Why this person may not approve or reject this request; empty when they may."""
    if person.pk == request.requester_id:
        return "You made this request; somebody else has to decide."
    if person.pk == request.last_editor_id:
        return "You edited this request last; somebody else has to decide."
    if not person.is_active:
        return "Your account is not active."
    if Role.APPROVER not in roles(person, request.team):
        return f"You are not an approver of team {request.team}."
    return ""


def require_decider(person: User, request: Request) -> None:
    """Raise NotAllowed, saying why, unless the person may decide on this request."""
    reason = why_not_decide(person, request)
    if reason:
        raise NotAllowed(reason)


VOICES = frozenset({Role.REQUESTER, Role.APPROVER})
"""Who speaks about a team's requests: those who ask and those who decide."""


def has_voice(person: User, request: Request) -> bool:
    """Whether a person takes part in the conversation on this request."""
    return bool(roles(person, request.team) & VOICES)


def require_voice(person: User, request: Request) -> None:
    """Raise NotAllowed unless the person takes part in the conversation on this request."""
    require(person, VOICES, request.team, f"speak about {request.number}")


def possible_deciders(request: Request) -> list[User]:
    """Everybody who could decide on this request now."""
    members = User.objects.filter(is_active=True, memberships__role=Role.APPROVER).distinct()
    return [person for person in members if not why_not_decide(person, request)]


def standing_approvals(plan: Plan) -> list[Approval]:
    """The approvals of this plan that nobody took back, of people who may still decide."""
    newest: dict[int, Approval] = {}
    for approval in plan.approvals.select_related("person").order_by("id"):
        newest[approval.person_id] = approval
    request = plan.request
    return [
        approval
        for approval in newest.values()
        if approval.decision == Approval.Decision.APPROVE
        and approval.digest == plan.digest
        and request is not None
        and not why_not_decide(approval.person, request)
    ]


def approvals_hold(request: Request) -> list[Approval]:
    """The approvals that carry the request's plan. Raises Conflict when they do not.

    The plan's stored text must still have the digest that was approved, and the ledger must say of
    each approval that it was given: a row that somebody wrote into the table carries nothing.
    """
    plan = request.plan
    if plan is None:
        raise Conflict(f"{request.number} has no plan.")
    if digest(plan.document.encode()) != plan.digest:
        raise Conflict(
            f"The plan of {request.number} is not the text that was approved.",
            remedy="Do not run it; have an auditor verify the ledger, then plan again.",
        )
    rows = standing_approvals(plan)
    entered = granted(request) if rows else {}
    standing = [row for row in rows if entered.get(row.person.public_id) == row.pk]
    if rows and not standing:
        raise Conflict(
            f"The ledger knows of no approval of this plan and change window of {request.number}.",
            remedy="Have an auditor verify the ledger. After a change of SECRET_KEY, approve again.",
        )
    if standing and waits_for_decision(request):
        raise Conflict(
            f"The LPAR changed since the plan of {request.number} was approved; nobody has decided on that.",
            remedy="Read what changed on the request's page, and approve the plan once more.",
            code="drift_to_decide",
        )
    if not standing:
        raise Conflict(
            f"Nobody's approval carries the plan of {request.number} any more.",
            remedy="Submit it for approval again.",
        )
    return standing
