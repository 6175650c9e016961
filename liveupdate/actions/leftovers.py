"""People's verbs for what Live Updates left: take care of it until a day, and close it with a reason."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils.timezone import localdate

from liveupdate.models import Leftover
from liveupdate.queries import visible_leftovers
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.errors import Conflict, Invalid

MAY_CARE = frozenset({Role.REQUESTER, Role.OPERATOR})
LONGEST = timedelta(days=366)


def take_leftover(person: User, leftover_id: int, due_on: date, reason: str) -> Leftover:
    """Become the owner of a leftover and say until when. Raises Invalid, Conflict, NotAllowed."""
    if not localdate() <= due_on <= localdate() + LONGEST:
        raise Invalid(
            f"It cannot be due on {due_on}.",
            remedy="Choose a day from today on, at most a year away.",
            code="date_not_possible",
        )
    with transaction.atomic():
        row = _locked(person, leftover_id, "take over", reason)
        Leftover.objects.filter(pk=row.pk).update(owner=person, due_on=due_on)
        said = {"due_on": due_on.isoformat(), "before": row.due_on.isoformat(), "reason": reason}
        _enter(Event.LEFTOVER_TAKE, person, row, said)
    return row


def close_leftover(person: User, leftover_id: int, reason: str) -> Leftover:
    """Close a leftover that is dealt with, or accepted. Raises Invalid, Conflict, NotAllowed."""
    with transaction.atomic():
        row = _locked(person, leftover_id, "close", reason)
        Leftover.objects.filter(pk=row.pk).update(closed_at=Now(), closed_by=person, closed_reason=reason)
        _enter(Event.LEFTOVER_CLOSE, person, row, {"kind": row.kind, "reason": reason})
    return row


def _locked(person: User, leftover_id: int, doing: str, reason: str) -> Leftover:
    rows = (
        visible_leftovers(person).select_for_update(of=("self",)).select_related("lpar__host", "lpar__team")
    )
    row = rows.filter(pk=leftover_id).first()
    if row is None:
        raise Invalid("There is no such leftover among those you may see.", code="not_found")
    require(person, MAY_CARE, row.lpar.team, f"{doing} a leftover of {row.lpar}")
    if row.closed_at is not None:
        raise Conflict("It is closed already.", code="over_already")
    if not reason.strip():
        raise Invalid(
            "A reason is needed.", remedy="Say what was done, or why it may stay.", code="reason_missing"
        )
    return row


def _enter(event: Event, person: User, row: Leftover, said: dict[str, str]) -> None:
    data = {"leftover": row.pk, **said}
    record(event, Actor.person(person.public_id), {"lpar": row.lpar.name}, data, run=row.run_id)
