"""Emergencies: opened with the request that starts early, closed by somebody else who looked back at it."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.timezone import localdate

from liveupdate.control.ruling import EMERGENCY_FACTOR
from liveupdate.models import Emergency, Request
from portal.access.factors import Factor
from portal.access.models import User
from portal.access.policies import of_visible_teams, require, roles
from portal.access.roles import Role
from portal.access.step_up import StepUpNeeded
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now, rfc3339
from portal.lib.errors import Conflict, Invalid, NotAllowed


@dataclass(frozen=True, slots=True)
class Urgency:
    """Why something cannot wait for every decision: the incident's number, and the reason.

    `factor` is what the person proved lately that it is them with.
    """

    incident: str
    reason: str
    factor: Factor = Factor.NONE


def visible_emergencies(person: User) -> QuerySet[Emergency]:
    """The emergencies that a person may see, the newest first."""
    rows = Emergency.objects.select_related("request__team", "request__lpar__host", "opened_by", "closed_by")
    return of_visible_teams(person, rows, "request__team")


def open_debts(person: User) -> dict[str, int]:
    """How many emergencies nobody has looked back at, and how many of them are past their day."""
    owed = visible_emergencies(person).filter(closed_at=None).order_by()
    return owed.aggregate(open=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=localdate())))


def check_urgency(person: User, request: Request, urgency: Urgency) -> None:
    """Raise NotAllowed, Invalid, Conflict or StepUpNeeded unless this person may hand the request in as
    an emergency."""
    require(person, {Role.EMERGENCY}, request.team, f"hand in {request.number} as an emergency")
    if not urgency.incident.strip() or not urgency.reason.strip():
        raise Invalid("An emergency needs the number of its incident and a reason.", code="reason_missing")
    debt = Emergency.objects.filter(opened_by=person, closed_at=None).select_related("request").first()
    if debt is not None:
        raise Conflict(
            f"Nobody has looked back at your emergency {debt.incident} ({debt.request.number}) yet.",
            code="emergency_open",
            remedy="An approver has to close it before you can open another.",
        )
    if not urgency.factor.satisfies(Factor(EMERGENCY_FACTOR)):
        raise StepUpNeeded(Factor(EMERGENCY_FACTOR))


def open_emergency(person: User, request: Request, urgency: Urgency, review_days: int) -> Emergency:
    """Note an emergency and that it is to be looked back at, in the caller's transaction."""
    User.objects.select_for_update().get(pk=person.pk)
    check_urgency(person, request, urgency)
    emergency = Emergency.objects.create(
        request=request,
        opened_by=person,
        incident=urgency.incident.strip(),
        reason=urgency.reason.strip(),
        due_on=localdate() + timedelta(days=review_days),
    )
    opened = {
        "due_on": emergency.due_on.isoformat(),
        "opened_at": rfc3339(emergency.opened_at),
        "factor": urgency.factor.value,
    }
    _enter(Event.BREAKGLASS_OPEN, person, emergency, opened)
    return emergency


def why_not_close(person: User, emergency: Emergency) -> str:
    """Why this person may not close this emergency; empty when they may."""
    if emergency.closed_at:
        return "It is closed."
    if person.pk == emergency.opened_by_id:
        return "You opened this emergency; somebody else has to look back at it."
    if Role.APPROVER not in roles(person, emergency.request.team):
        return f"Only an approver of team {emergency.request.team} closes it."
    return ""


def close_emergency(person: User, emergency_id: int, findings: str) -> Emergency:
    """Close an emergency with what was found when looking back. Raises NotAllowed, Invalid, Conflict."""
    if not findings.strip():
        raise Invalid("Say what you found: was it one, and what is to change?", code="findings_missing")
    with transaction.atomic():
        rows = Emergency.objects.select_for_update(of=("self",)).select_related("request__team")
        emergency = rows.filter(pk__in=visible_emergencies(person).values("pk"), pk=emergency_id).first()
        if emergency is None:
            raise Invalid("There is no such emergency among those you may see.", code="not_found")
        if emergency.closed_at:
            raise Conflict(f"{emergency.incident} is closed already.", code="over_already")
        if reason := why_not_close(person, emergency):
            raise NotAllowed(reason, code="may_not_close")
        emergency.findings, emergency.closed_by, emergency.closed_at = findings.strip(), person, now()
        emergency.save()
        found = {"findings": emergency.findings, "closed_at": rfc3339(emergency.closed_at)}
        _enter(Event.BREAKGLASS_REVIEW, person, emergency, found)
    return emergency


def _enter(event: Event, person: User, emergency: Emergency, data: dict[str, str]) -> None:
    said = {"emergency": emergency.pk, "incident": emergency.incident, "reason": emergency.reason}
    subject = {"request": emergency.request.number, "team": emergency.request.team.slug}
    record(event, Actor.person(person.public_id), subject, said | data)
