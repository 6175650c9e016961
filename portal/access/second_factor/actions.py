"""Set a second factor up, take its codes, remove it; each entered in the ledger, never with a code."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from portal.access.models import RecoveryCode, SecondFactor, User
from portal.access.policies import require
from portal.access.roles import Role
from portal.access.second_factor.codes import (
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_hash,
    tidy,
)
from portal.access.second_factor.sealing import seal, unseal
from portal.access.sessions import end_sessions
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.canonical import digest
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed


def second_factor_of(person: User) -> SecondFactor | None:
    """The second factor that counts for a person now."""
    return SecondFactor.objects.filter(user=person, removed_at=None).exclude(confirmed_at=None).first()


def begin_enrolment(person: User) -> SecondFactor:
    """Draw a secret for a person's app; it counts once a code of it was typed. Raises Conflict."""
    with transaction.atomic():
        factor = _locked(person) or SecondFactor(user=person)
        if factor.confirmed_at is not None:
            raise Conflict(
                "You have a second factor already.",
                remedy="Remove it first to set up another.",
                code="exists_already",
            )
        factor.sealed_secret = seal(new_secret(), person.public_id)
        factor.save()
    return factor


def secret_to_enrol(person: User) -> str | None:
    """The secret that waits for its first code; None where none does."""
    factor = SecondFactor.objects.filter(user=person, removed_at=None, confirmed_at=None).first()
    return unseal(factor.sealed_secret, person.public_id) if factor else None


def confirm_enrolment(person: User, code: str) -> list[str]:
    """Let the second factor count, by a code of the app. Returns the recovery codes, for this once.

    Raises Invalid for a wrong code, Conflict where nothing waits to be confirmed.
    """
    with transaction.atomic():
        factor = _locked(person)
        if factor is None or factor.confirmed_at is not None:
            raise Conflict(
                "There is no second factor to confirm.",
                remedy="Begin setting it up again.",
                code="no_second_factor",
            )
        step = matching_step(
            unseal(factor.sealed_secret, person.public_id), tidy(code), now(), factor.last_step
        )
        if step is None:
            raise Invalid(
                "This is not the code that the app shows now.",
                remedy="Check the clock of the device that the app is on, and type the next code.",
                code="wrong_code",
            )
        factor.last_step, factor.confirmed_at = step, now()
        factor.save()
        _enter(Event.MFA_ENROL, factor, by=person, sealed_digest=sealed_digest(factor))
        return _renewed(factor)


def renew_recovery_codes(person: User) -> list[str]:
    """Ten new recovery codes in place of those that are left. Raises Conflict without a second factor."""
    with transaction.atomic():
        factor = _locked(person)
        if factor is None or factor.confirmed_at is None:
            raise Conflict("You have no second factor.", remedy="Set one up first.", code="no_second_factor")
        record(Event.USER_CHANGE, _actor(person), {"user": person.public_id}, {"what": "recovery codes"})
        return _renewed(factor)


def take_code(person: User, code: str) -> None:
    """Take a code of the app, or a recovery code, once.

    Raises Invalid for a wrong or used one, NotAllowed after too many wrong ones and where there is
    no second factor.
    """
    with transaction.atomic():
        factor = _locked(person)
        if factor is None or factor.confirmed_at is None:
            raise NotAllowed(
                "You have no second factor.",
                remedy="Set one up on the page of your account.",
                code="no_second_factor",
            )
        _refuse_locked(factor)
        taken = _taken(factor, code)
        if taken:
            factor.failures, factor.locked_until = 0, None
            _enter(Event.MFA_OK, factor, by=person, **taken)
        else:
            _count_failure(factor)
            record(Event.MFA_FAIL, Actor.portal(), {"user": person.public_id}, {"factor": factor.pk})
        factor.save()
    if not taken:
        raise Invalid(
            "This code is wrong, or was used already.",
            remedy="Wait for the next code of the app and type that one.",
            code="wrong_code",
        )


def remove_second_factor(person: User, *, by: User | Actor) -> None:
    """Remove a person's second factor: their own, or as an administrator somebody's who lost it.

    Whom somebody else does this to is signed out everywhere.

    Raises NotAllowed, and Conflict where there is none.
    """
    if isinstance(by, User) and by.pk != person.pk:
        require(by, {Role.ADMINISTRATOR}, None, "reset a second factor")
    with transaction.atomic():
        factor = _locked(person)
        if factor is None or factor.confirmed_at is None:
            raise Conflict(f"{person} has no second factor.", code="no_second_factor")
        factor.removed_at = now()
        factor.save()
        _enter(Event.MFA_REMOVE, factor, by=by, sealed_digest=sealed_digest(factor))
        if by != person:
            end_sessions(person, by=_actor(by))


def sealed_digest(factor: SecondFactor) -> str:
    """By what the ledger knows the sealed secret, so that another one in its place is seen."""
    return digest(factor.sealed_secret.encode())


def _locked(person: User) -> SecondFactor | None:
    return SecondFactor.objects.select_for_update().filter(user=person, removed_at=None).first()


def _refuse_locked(factor: SecondFactor) -> None:
    if factor.locked_until is not None and factor.locked_until > now():
        minutes = -(-(factor.locked_until - now()) // timedelta(minutes=1))
        raise NotAllowed(
            f"Too many wrong codes: none is taken for another {minutes} min.",
            remedy="Wait that long. If it was not you, somebody knows your password: change it now.",
            code="codes_locked",
        )


def _taken(factor: SecondFactor, code: str) -> dict[str, str | int]:
    """Take the code if it is right: its `kind`, and of a recovery code its row; empty where it is not."""
    if tidy(code).isdigit():
        secret = unseal(factor.sealed_secret, factor.user.public_id)
        step = matching_step(secret, tidy(code), now(), factor.last_step)
        if step is None:
            return {}
        factor.last_step = step
        return {"kind": "totp"}
    unused = factor.recovery_codes.filter(code_hash=recovery_hash(code), used_at=None)
    found = unused.values_list("pk", flat=True).first()
    return {"kind": "recovery", "code": found} if found and unused.update(used_at=now()) else {}


def _count_failure(factor: SecondFactor) -> None:
    factor.failures += 1
    if factor.failures >= settings.PORTAL_CODE_FAILURES:
        factor.failures = 0
        factor.locked_until = now() + timedelta(minutes=settings.PORTAL_CODE_LOCK_MINUTES)


def _renewed(factor: SecondFactor) -> list[str]:
    factor.recovery_codes.filter(used_at=None).delete()
    codes = new_recovery_codes()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(factor=factor, code_hash=recovery_hash(code)) for code in codes
    )
    return codes


def _enter(event: Event, factor: SecondFactor, *, by: User | Actor, **more: str | int) -> None:
    subject = {"user": factor.user.public_id}
    record(event, _actor(by), subject, {"factor": factor.pk, **more})


def _actor(by: User | Actor) -> Actor:
    return by if isinstance(by, Actor) else Actor.person(by.public_id)
