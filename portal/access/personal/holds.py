"""Legal hold: an administrator sets it, two end it; while it is on nobody erases the person."""

from django.db import transaction

from portal.access.models import LegalHold, User
from portal.access.personal.deciding import (
    Administrator,
    hold_on,
    locked_person,
    not_oneself,
    not_the_same,
    reason_for_ever,
)
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict


def set_hold(person: User, reason: str, *, by: Administrator) -> LegalHold:
    """Keep a person's data until two administrators end it. Raises NotAllowed, Invalid, Conflict."""
    by.check("set a legal hold")
    with transaction.atomic():
        row = locked_person(person)
        not_oneself(row, by)
        if hold_on(row) is not None:
            raise Conflict(f"There is a legal hold on {row} already.", code="held_already")
        hold = LegalHold.objects.create(person=row, reason=reason_for_ever(reason, row), set_by=by.user)
        _enter("set", hold, by)
    return hold


def ask_end_of_hold(person: User, *, by: Administrator) -> None:
    """The first of the two who end a hold. Raises NotAllowed, Conflict."""
    by.check("end a legal hold")
    with transaction.atomic():
        hold = _held(person, by)
        if hold.end_asked_by is not None:
            raise Conflict(
                f"{hold.end_asked_by} asked for the end of this hold already.",
                remedy="Confirm it.",
                code="end_asked_already",
            )
        hold.end_asked_by, hold.end_asked_at = by.user, now()
        hold.save()
        _enter("end_asked", hold, by)


def end_hold(person: User, *, by: Administrator) -> None:
    """The second of the two: the hold is over. Raises NotAllowed, Conflict."""
    by.check("end a legal hold")
    with transaction.atomic():
        hold = _held(person, by)
        if hold.end_asked_by is None:
            raise Conflict(
                "Nobody asked for the end of this hold.", remedy="Ask first.", code="end_not_asked"
            )
        not_the_same(hold.end_asked_by, by, "the end of this hold")
        hold.ended_by, hold.ended_at = by.user, now()
        hold.save()
        _enter("ended", hold, by)


def _held(person: User, by: Administrator) -> LegalHold:
    row = locked_person(person)
    not_oneself(row, by)
    hold = hold_on(row)
    if hold is None:
        raise Conflict(f"There is no legal hold on {row}.", code="not_held")
    return hold


def _enter(what: str, hold: LegalHold, by: Administrator) -> None:
    data = {"what": what, "hold": hold.pk, "reason": hold.reason, "factor": by.factor.value}
    record(Event.USER_HOLD, Actor.person(by.user.public_id), {"user": hold.person.public_id}, data)
