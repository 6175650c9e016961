"""Which requests people may read because they decide on them: on somebody's behalf, or for all teams.

What a giver may decide on is all that a delegation shows, up to its ceiling and as long as it lasts.
"""

from collections.abc import Collection, Iterator

from django.db.models import Q

from liveupdate.control.policy import STAGE_ROLES, ChangeClass
from liveupdate.control.ruling import RISKS, Stage, rule_for
from liveupdate.models import Delegation, PolicyVersion, Request
from liveupdate.records.policy_versions import policy_of
from liveupdate.states import RequestState
from portal.access.held import Held, held_by
from portal.access.models import User
from portal.lib.clock import now

OPEN = Q(state__in=[RequestState.SUBMITTED, RequestState.APPROVED]) | Q(
    state=RequestState.STARTED, change=ChangeClass.EMERGENCY
)
"""Where a decision may be missing, or taken back: an emergency is confirmed while it runs."""


def decided_besides_their_teams(person: User) -> Q | None:
    """The requests that this person decides on as a delegate, or by a role that they hold for all teams.

    None where there is no such thing. Raises Conflict where a policy is not what it was.
    """
    moment = now()
    in_force = Q(starts_at__lte=moment, ends_at__gt=moment, ended_at=None)
    taken = Delegation.objects.filter(in_force, taker=person).select_related("giver")
    found = [_decided_by(each.giver, each.risk, each.environments) for each in taken]
    if any(team is None and role in STAGE_ROLES for team, role in held_by(person.pk)):
        found.append(_decided_by(person, RISKS[-1], ()))
    return OPEN & _any(found) if found else None


def _decided_by(giver: User, ceiling: str, environments: Collection[str]) -> Q:
    """What this person's own roles decide on, up to a risk and in some environments (none named: in all)."""
    held = held_by(giver.pk)
    risks = RISKS[: RISKS.index(ceiling) + 1]
    terms = Request.objects.filter(OPEN, risk__in=risks).order_by()
    fitting = []
    for policy, change, environment, risk in terms.values_list(
        "policy", "change", "environment", "risk"
    ).distinct():
        if environments and environment not in environments:
            continue
        version = PolicyVersion.objects.get(pk=policy) if policy else None
        stages = rule_for(policy_of(version), change, environment, risk)["stages"]
        settled = Q(policy=policy, change=change, environment=environment, risk=risk)
        fitting.append(settled & _any(_of_stages(held, stages)))
    edited = Request.editors.through.objects.filter(user=giver).values("request")
    return _any(fitting) & ~Q(requester=giver) & ~Q(pk__in=edited)


def _of_stages(held: Held, stages: list[Stage]) -> Iterator[Q]:
    """The teams on whose requests somebody decides, by what they hold and the stages of a rule."""
    for stage in stages:
        teams = {team for team, role in held if role == stage["role"]}
        if None in teams:
            yield ~Q(pk__in=[])
        elif stage["of"] != "all":
            yield Q(team__in=teams)


def _any(conditions: Collection[Q] | Iterator[Q]) -> Q:
    """At least one of the conditions; nothing where there is none."""
    found = Q(pk__in=[])
    for condition in conditions:
        found |= condition
    return found
