"""Standard changes: written from a request, approved by a second person, ended by either."""

from django.db import transaction
from django.db.models import QuerySet

from liveupdate.models import StandardChange
from liveupdate.policies import require_requester, visible_requests
from liveupdate.records.standard_changes import document_of
from portal.access.models import User
from portal.access.policies import of_visible_teams, require, roles
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.canonical import canonical_json, digest
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed

ENDS = {Role.APPROVER, Role.REQUESTER, Role.ADMINISTRATOR}


def visible_standard_changes(person: User) -> QuerySet[StandardChange]:
    """The templates of the teams that a person may see."""
    rows = StandardChange.objects.select_related("team", "written_by", "approved_by", "ended_by")
    return of_visible_teams(person, rows)


def write_standard_change(person: User, request_id: int, title: str) -> StandardChange:
    """Make a template of what a request asks for, but for its LPAR and window; nobody has approved it.

    Raises NotAllowed, Invalid, and Conflict when the team has this very template already.
    """
    request = visible_requests(person).select_related("team").filter(pk=request_id).first()
    if request is None:
        raise Invalid("There is no such request among those you may see.", code="not_found")
    require_requester(person, request.team, "write a standard change")
    if not title.strip():
        raise Invalid("A standard change needs a title.", code="title_missing")
    document = canonical_json(document_of(request))
    with transaction.atomic():
        same = StandardChange.objects.filter(digest=digest(document), ended_at=None)
        if found := same.first():
            raise Conflict(f"“{found}” asks for the very same already.", code="exists_already")
        template = StandardChange.objects.create(
            team=request.team,
            title=title.strip(),
            document=document.decode(),
            digest=digest(document),
            written_by=person,
        )
        _enter(Event.TEMPLATE_WRITE, person, template)
    return template


def why_not_approve(person: User, template: StandardChange) -> str:
    """Why this person may not approve a template; empty when they may."""
    if template.approved_by_id or template.ended_at:
        return f"“{template}” is {template.state} already."
    if person.pk == template.written_by_id:
        return "You wrote this standard change; somebody else has to approve it."
    if Role.APPROVER not in roles(person, template.team):
        return f"Only an approver of team {template.team} approves it."
    return ""


def approve_standard_change(person: User, template_id: int, seen: str) -> StandardChange:
    """Approve a template as it was shown; `seen` is its digest. Raises NotAllowed, Conflict."""
    with transaction.atomic():
        template = _locked(person, template_id)
        if reason := why_not_approve(person, template):
            raise NotAllowed(reason, code="may_not_approve")
        if seen != template.digest or digest(template.document.encode()) != seen:
            raise Conflict("This is not the standard change that you were shown.", code="other_template")
        template.approved_by, template.approved_at = person, now()
        template.save(update_fields=["approved_by", "approved_at"])
        _enter(Event.TEMPLATE_APPROVE, person, template)
    return template


def end_standard_change(person: User, template_id: int) -> StandardChange:
    """Let a template count no more; requests that rest on it and have not started are held.

    Raises NotAllowed, Conflict.
    """
    with transaction.atomic():
        template = _locked(person, template_id)
        require(person, ENDS, template.team, f"end “{template}”")
        if template.ended_at:
            raise Conflict(f"“{template}” is over already.", code="over_already")
        template.ended_by, template.ended_at = person, now()
        template.save(update_fields=["ended_by", "ended_at"])
        _enter(Event.TEMPLATE_END, person, template)
    return template


def _locked(person: User, template_id: int) -> StandardChange:
    rows = StandardChange.objects.select_for_update(of=("self",)).select_related("team")
    template = rows.filter(pk=template_id, pk__in=visible_standard_changes(person).values("pk")).first()
    if template is None:
        raise Invalid("There is no such standard change among those you may see.", code="not_found")
    return template


def _enter(event: Event, person: User, template: StandardChange) -> None:
    data = {"template": template.digest, "row": template.pk, "title": template.title}
    record(event, Actor.person(person.public_id), {"team": template.team.slug}, data)
