"""Erasure of a person (GDPR, article 17): one administrator asks for it, another confirms it.

The row stays, without anything that identifies, so that history and foreign keys stand. The ledger holds
pseudonyms and commitments alone and needs no change.
"""

from collections.abc import Iterator

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import transaction

from portal.access.actions import lock_administrators, revoke, set_active
from portal.access.models import (
    ApiToken,
    Erasure,
    IdempotentAnswer,
    Membership,
    PersonSession,
    RecoveryCode,
    SavedFilter,
    SecondFactor,
    User,
)
from portal.access.personal.deciding import (
    Administrator,
    hold_on,
    locked_person,
    not_oneself,
    not_the_same,
    reason_for_ever,
)
from portal.access.personal.duties import DUTIES, ERASED_WITH_PERSON
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict

LEAST_ADMINISTRATORS = 2
"""What two people decide needs two."""


def erasure_of(person: User) -> Erasure | None:
    """The erasure that was asked for and not taken back, or was confirmed."""
    rows = Erasure.objects.filter(person=person, withdrawn_at=None)
    return rows.select_related("asked_by", "confirmed_by").first()


def ask_erasure(person: User, reason: str, *, by: Administrator) -> Erasure:
    """Ask for a person's erasure. Raises NotAllowed, Invalid, and Conflict with what stands against it."""
    by.check("have a person erased")
    with transaction.atomic():
        row = _erasable(person, by)
        if erasure_of(row) is not None:
            raise Conflict(
                f"The erasure of {row} is asked for already.",
                remedy="Another administrator confirms it.",
                code="erasure_asked",
            )
        erasure = Erasure.objects.create(person=row, reason=reason_for_ever(reason, row), asked_by=by.user)
        _enter("asked", erasure, by)
    return erasure


def withdraw_erasure(person: User, *, by: Administrator) -> None:
    """Take the asking back. Raises NotAllowed, Conflict."""
    by.check("take an erasure back")
    with transaction.atomic():
        row = locked_person(person)
        not_oneself(row, by)
        erasure = _asked(row)
        erasure.withdrawn_by, erasure.withdrawn_at = by.user, now()
        erasure.save()
        _enter("withdrawn", erasure, by)


def confirm_erasure(person: User, *, by: Administrator) -> None:
    """Erase a person, as another administrator asked; nobody can undo it. Raises NotAllowed, Conflict."""
    by.check("erase a person")
    with transaction.atomic():
        row = _erasable(person, by)
        erasure = _asked(row)
        not_the_same(erasure.asked_by, by, "this erasure")
        _take_rights(row, by.user)
        for erase in ERASED_WITH_PERSON:
            erase(row)
        _erase(row)
        erasure.confirmed_by, erasure.confirmed_at = by.user, now()
        erasure.save()
        _enter("confirmed", erasure, by)


def _erasable(person: User, by: Administrator) -> User:
    """The person's row, locked. Raises NotAllowed, Conflict where anything stands against their erasure."""
    lock_administrators()
    row = locked_person(person)
    not_oneself(row, by)
    hold = hold_on(row)
    if hold is not None:
        raise Conflict(
            f"There is a legal hold on {row}: {hold.reason}",
            remedy="Two administrators end it once it is over.",
            code="person_held",
        )
    for duty in _duties(row):
        raise duty
    return row


def _duties(person: User) -> Iterator[Conflict]:
    others = Membership.objects.filter(role=Role.ADMINISTRATOR, team=None, user__is_active=True)
    holds_role = others.filter(user=person).exists()
    if holds_role and others.exclude(user=person).count() < LEAST_ADMINISTRATORS:
        yield Conflict(
            f"Without {person} fewer than {LEAST_ADMINISTRATORS} administrators would be left.",
            remedy="Make somebody else an administrator first.",
            code="last_administrator",
        )
    for duties in DUTIES:
        yield from duties(person)


def _asked(person: User) -> Erasure:
    erasure = erasure_of(person)
    if erasure is None:
        raise Conflict(
            f"Nobody asked for the erasure of {person}.", remedy="Ask first.", code="erasure_not_asked"
        )
    return erasure


def _take_rights(person: User, by: User) -> None:
    """Every role, and the sign-in: each entered, so that who checks the ledger knows from when on."""
    for held in person.memberships.select_related("team"):
        revoke(person, Role(held.role), held.team, by=by)
    if person.is_active:
        set_active(person, False, by=Actor.person(by.public_id))


def _erase(person: User) -> None:
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        model.objects.filter(username=person.username).delete()
    PersonSession.everything.filter(user=person).delete()
    SavedFilter.objects.filter(owner=person).delete()
    IdempotentAnswer.objects.filter(person=person).delete()
    ApiToken.objects.filter(owner=person).delete()
    RecoveryCode.objects.filter(factor__user=person).delete()
    SecondFactor.objects.filter(user=person).delete()
    person.refresh_from_db()
    person.username, person.first_name, person.last_name, person.email = person.erased_name, "", "", ""
    person.set_unusable_password()
    person.salt, person.last_login, person.erased_at = None, None, now()
    person.save()


def _enter(what: str, erasure: Erasure, by: Administrator) -> None:
    data = {"what": what, "erasure": erasure.pk, "reason": erasure.reason, "factor": by.factor.value}
    record(Event.USER_ERASE, Actor.person(by.user.public_id), {"user": erasure.person.public_id}, data)
