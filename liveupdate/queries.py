"""What pages ask the database: the same answers wherever they are shown."""

from django.db.models import Count, Max, Q, QuerySet
from django.utils.timezone import localdate

from inventory.freshness import verdict_shown
from inventory.models import Lpar
from inventory.policies import visible_lpars
from liveupdate.models import Approval, Campaign, Leftover, Request, Run, StoredFinding
from liveupdate.policies import visible_campaigns, visible_requests, why_not_decide, why_not_resume
from liveupdate.readiness.base import shown_state
from liveupdate.records.deciders import Deciders
from liveupdate.records.ladders import WITH_APPROVALS, standing_of
from liveupdate.records.releases import released
from liveupdate.states import (
    REQUEST_TERMINAL,
    RUN_LIVE,
    RUN_TERMINAL,
    CampaignState,
    LparState,
    RequestState,
    RunState,
)
from portal.access.models import User
from portal.access.policies import Person, of_visible_teams, roles_anywhere
from portal.access.roles import Role


def state_to_go_by(lpar: Lpar) -> LparState:
    """The state that offers go by: not known while a look is outstanding, because it is of before."""
    return LparState.UNKNOWN if lpar.awaits_look else LparState(lpar.update_state)


def visible_runs(person: Person) -> QuerySet[Run]:
    """The runs that a person may see."""
    return of_visible_teams(person, Run.objects.all(), "request__team")


def visible_leftovers(person: Person) -> QuerySet[Leftover]:
    """What Live Updates left on the LPARs that a person may see."""
    return of_visible_teams(person, Leftover.objects.all(), "lpar__team")


def with_sizes(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Campaigns with how many LPARs have a place (`lpars`) in how many waves (`waves`)."""
    placed = Count("targets", filter=Q(targets__wave__isnull=False))
    return campaigns.select_related("owner").annotate(lpars=placed, waves=Max("targets__wave"))


def open_leftovers(person: Person) -> dict[str, int]:
    """How many leftovers are open, and how many of them past their day."""
    open_ones = visible_leftovers(person).filter(closed_at=None).order_by()
    return open_ones.aggregate(open=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=localdate())))


def visible_findings(person: Person) -> QuerySet[StoredFinding]:
    """What the checks found on the LPARs that a person may see."""
    return of_visible_teams(person, StoredFinding.objects.all(), "lpar__team")


def check_counts(person: Person) -> dict[str, dict[str, int]]:
    """Requirement → finding as shown (`shown_state`) → number of LPARs that the person may see."""
    counts: dict[str, dict[str, int]] = {}
    said = visible_findings(person).order_by().values_list("check_id", "state", "curable", "consent")
    for check_id, state, curable, consent, lpars in said.annotate(lpars=Count("pk")):
        of_check = counts.setdefault(check_id, {})
        shown = shown_state(state, curable, consent)
        of_check[shown] = of_check.get(shown, 0) + lpars
    return counts


def submitted(person: User) -> QuerySet[Request]:
    """Requests that wait for a decision, the next deadline first, without the texts of their plans."""
    return (
        visible_requests(person)
        .filter(state=RequestState.SUBMITTED)
        .select_related("lpar__host", "team", "requester", "plan", "policy", "template")
        .prefetch_related(*WITH_APPROVALS)
        .defer("findings", "plan__document", "plan__findings")
        .order_by("ends_at", "starts_at", "pk")
    )


def waiting_for(person: User) -> list[Request]:
    """Submitted requests that this person may decide, the next deadline first."""
    return [request for request, why_not in judged(person).items() if not why_not]


def judged(person: User) -> dict[Request, str]:
    """Submitted requests, each with why this person may not decide it now."""
    deciders = Deciders()
    return {
        request: why_not_decide(person, request, standing_of(request, deciders))
        for request in submitted(person)
    }


def decided_by(person: User) -> QuerySet[Approval]:
    """This person's decisions on what they may see, the newest first."""
    related = ("person", "plan__request__lpar__host", "plan__request__team", "plan__request__requester")
    rows = Approval.objects.filter(person=person, plan__request__in=visible_requests(person))
    rows = rows.select_related(*related).order_by("-id")
    return rows.defer("plan__document", "plan__findings", "plan__request__findings")


BACK_WITH_REQUESTER = (
    RequestState.DRAFT,
    RequestState.PLANNED,
    RequestState.BLOCKED,
    RequestState.REJECTED,
    RequestState.EXPIRED,
)


def to_submit(person: User) -> QuerySet[Request]:
    """The person's own requests that wait for them: to hand in, to change, or to cure."""
    own = visible_requests(person).filter(requester=person)
    return own.filter(state__in=BACK_WITH_REQUESTER).select_related("lpar__host", "team")


def own_requests(person: User) -> QuerySet[Request]:
    """The person's own requests that are not over: waiting for them or for others, the next window first."""
    own = visible_requests(person).filter(requester=person).exclude(state__in=REQUEST_TERMINAL)
    related = ("lpar__host", "team", "requester", "plan")
    own = own.select_related(*related).defer("findings", "plan__document", "plan__findings")
    return own.order_by("ends_at")


def live_runs(person: Person) -> QuerySet[Run]:
    """Runs that are not over, the newest first."""
    return visible_runs(person).filter(state__in=RUN_LIVE).select_related("lpar__host", "request__team")


def held_runs(person: Person) -> QuerySet[Run]:
    """Runs that wait for a person's decision."""
    return live_runs(person).filter(state=RunState.NEEDS_PERSON)


def held_starts(person: User) -> QuerySet[Request]:
    """Approved requests that are kept from their start: the person's own, and all they see as operator.

    What waits for its campaign alone is left out: `waiting_campaigns` has those that need somebody.
    """
    held = visible_requests(person).filter(released(), state=RequestState.APPROVED, held_since__isnull=False)
    if Role.OPERATOR not in roles_anywhere(person):
        held = held.filter(requester=person)
    return held.select_related("lpar__host", "team").order_by("ends_at")


def waiting_campaigns(person: User) -> list[Campaign]:
    """Campaigns that go on only by a decision, of their owner and of who may take it."""
    halted = visible_campaigns(person).filter(state=CampaignState.HALTED).order_by("pk")
    return [each for each in halted if each.owner_id == person.pk or not why_not_resume(person, each)]


def ended_runs(person: Person) -> QuerySet[Run]:
    """Runs that are over, the newest first."""
    return visible_runs(person).filter(state__in=RUN_TERMINAL).select_related("lpar__host", "request__team")


def posture(person: Person) -> dict[str, int]:
    """How many LPARs have which verdict."""
    lpars = visible_lpars(person).order_by().annotate(shown=verdict_shown())
    counted = lpars.values_list("shown").annotate(count=Count("pk"))
    return {"ready": 0, "ready_with_actions": 0, "not_possible": 0, "unknown": 0, **dict(counted)}


def usual_media(lpar: Lpar) -> tuple[str, str]:
    """Media and level that a new request for an LPAR proposes: as last time, else its NIM master's."""
    last = lpar.requests.order_by("-id").first()
    if last is not None:
        return last.media, last.target_level
    master = lpar.nim_master
    return (master.media, master.media_level) if master else ("", "")


def consents_needed_by(lpar: Lpar) -> list[str]:
    """The consents without which no Live Update of the LPAR can be planned, as it was seen last."""
    curable = StoredFinding.objects.filter(lpar=lpar, curable=True).exclude(consent="")
    return list(curable.order_by("consent").values_list("consent", flat=True).distinct())


def requests_of(lpar: Lpar) -> QuerySet[Request]:
    """An LPAR's requests with their runs, the newest first."""
    return lpar.requests.select_related("requester", "run").order_by("-id")


def last_run_of(lpar: Lpar) -> Run | None:
    """The newest run that is over and had begun, or None."""
    return lpar.runs.filter(state__in=RUN_TERMINAL, started_at__isnull=False).order_by("-ended_at").first()
