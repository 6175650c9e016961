"""Baselines of levels, leave to stay below them, and the levels that were seen."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.timezone import localdate

from inventory.facts.level import Level
from inventory.models import Baseline, LevelChange, LevelException, Lpar
from inventory.policies import visible_lpars
from portal.access.models import Team, User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class BaselineWish:
    """What a baseline shall ask: see `Baseline`."""

    name: str
    minimum_level: str
    environment: str
    team: Team | None
    due_on: date
    reason: str


def note_level(lpar: Lpar, level: str) -> None:
    """Keep the level just read on the LPAR (the caller saves it), and that it changed if so."""
    lpar.level_read_at = now()
    if level != lpar.level:
        LevelChange.objects.create(
            lpar=lpar, level_before=lpar.level, level_after=level, seen_at=lpar.level_read_at
        )
        lpar.level = level


def create_baseline(person: User, wish: BaselineWish) -> Baseline:
    """Ask a minimum level of a group of LPARs. Raises NotAllowed, Invalid, Conflict for a name in use."""
    require(person, {Role.ADMINISTRATOR}, None, "set baselines")
    try:
        level = Level.parse(wish.minimum_level).text
    except ValueError as error:
        raise Invalid(
            str(error), remedy="Write 7200-05, 7200-05-03 or 7200-05-03-2148.", code="level_not_possible"
        ) from error
    with transaction.atomic():
        if Baseline.objects.filter(name=wish.name).exists():
            raise Conflict(
                f"There is a baseline {wish.name} already.",
                remedy="Choose another name.",
                code="exists_already",
            )
        baseline = Baseline.objects.create(
            name=wish.name,
            minimum_level=level,
            environment=wish.environment,
            team=wish.team,
            due_on=wish.due_on,
            reason=wish.reason,
            created_by=person,
        )
        _enter(person, baseline, "created", {"reason": wish.reason})
    return baseline


def end_baseline(person: User, baseline_id: int) -> None:
    """Ask this level no longer. Raises NotAllowed, Conflict when it was ended before."""
    require(person, {Role.ADMINISTRATOR}, None, "end baselines")
    with transaction.atomic():
        baseline = Baseline.objects.select_for_update().get(pk=baseline_id)
        if baseline.ended_at is not None:
            raise Conflict(f"The baseline {baseline} was ended before.", code="over_already")
        baseline.ended_at = now()
        baseline.save(update_fields=["ended_at"])
        _enter(person, baseline, "ended", {})


@dataclass(frozen=True, slots=True)
class Leave:
    """What an exception shall allow: see `LevelException`."""

    owner: User
    reason: str
    compensation: str
    starts_on: date
    expires_on: date


def grant_exception(person: User, lpar_id: int, leave: Leave) -> LevelException:
    """Let an LPAR stay below its baselines from one day until the end of another.

    Raises NotAllowed, Invalid for a day that is over, an LPAR one may not see, no word on what is done
    meanwhile, or an owner who would excuse themselves.
    """
    require(person, {Role.ADMINISTRATOR}, None, "grant exceptions")
    lpar = visible_lpars(person).select_related("host", "team").filter(pk=lpar_id).first()
    if lpar is None:
        raise Invalid("There is no such LPAR among those you may see.", code="not_found")
    _check_leave(person, leave)
    with transaction.atomic():
        exception = LevelException.objects.create(
            lpar=lpar,
            owner=leave.owner,
            reason=leave.reason,
            compensation=leave.compensation,
            starts_on=leave.starts_on,
            expires_on=leave.expires_on,
            granted_by=person,
        )
        _enter_exception(Event.EXCEPTION_GRANT, person, exception, leave.reason)
    return exception


def _check_leave(person: User, leave: Leave) -> None:
    if leave.owner.pk == person.pk:
        raise Invalid(
            "Nobody grants an exception to themselves.",
            remedy="Name the owner who asked you for it.",
            code="self_granted",
        )
    if not leave.reason.strip() or not leave.compensation.strip():
        raise Invalid(
            "An exception needs a reason, and what is done against the risk meanwhile.", code="reason_missing"
        )
    if leave.expires_on < localdate():
        raise Invalid(
            f"{leave.expires_on} is over.", remedy="Choose a day from today on.", code="date_not_possible"
        )
    if leave.expires_on < leave.starts_on:
        raise Invalid(
            "The exception ends before it begins.",
            remedy="Choose a later last day.",
            code="period_not_possible",
        )


def end_exception(person: User, exception_id: int, reason: str) -> None:
    """Take an exception back before its day. Raises NotAllowed, Conflict when it is over."""
    require(person, {Role.ADMINISTRATOR}, None, "end exceptions")
    with transaction.atomic():
        rows = LevelException.objects.select_for_update(of=("self",)).select_related(
            "lpar__host", "lpar__team", "owner"
        )
        exception = rows.get(pk=exception_id)
        if exception.ended_at is not None or exception.expires_on < localdate():
            raise Conflict("This exception is over already.", code="over_already")
        exception.ended_at = now()
        exception.save(update_fields=["ended_at"])
        _enter_exception(Event.EXCEPTION_EXPIRE, person, exception, reason)


def _enter_exception(event: Event, person: User, exception: LevelException, reason: str) -> None:
    lpar = exception.lpar
    record(
        event,
        Actor.person(person.public_id),
        {"lpar": lpar.name, "team": lpar.team.slug},
        {
            "exception": exception.pk,
            "owner": exception.owner.public_id,
            "reason": reason,
            "compensation": exception.compensation,
            "starts_on": exception.starts_on.isoformat(),
            "expires_on": exception.expires_on.isoformat(),
        },
    )


def _enter(person: User, baseline: Baseline, what: str, more: dict[str, str]) -> None:
    record(
        Event.POLICY_CHANGE,
        Actor.person(person.public_id),
        {"baseline": baseline.name},
        {
            "what": what,
            "minimum_level": baseline.minimum_level,
            "environment": baseline.environment,
            "team": baseline.team.slug if baseline.team else "",
            "due_on": baseline.due_on.isoformat(),
            **more,
        },
    )
