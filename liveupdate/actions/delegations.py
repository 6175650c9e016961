"""Let somebody decide on one's behalf for a while, and end that."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from liveupdate.control.policy import STAGE_ROLES
from liveupdate.control.ruling import RISKS
from liveupdate.models import Delegation
from portal.access.models import User
from portal.access.policies import roles_anywhere
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now, rfc3339
from portal.lib.errors import Conflict, Invalid, NotAllowed

WATCHERS = {Role.AUDITOR, Role.ADMINISTRATOR}


@dataclass(frozen=True, slots=True)
class Mandate:
    """From when to when, up to which risk, in which environments (none named: in all), and why."""

    starts_at: datetime
    ends_at: datetime
    risk: str
    reason: str
    environments: tuple[str, ...] = ()


def visible_delegations(person: User) -> QuerySet[Delegation]:
    """The delegations that a person gave or took; all of them for those who watch over rights."""
    rows = Delegation.objects.select_related("giver", "taker", "ended_by")
    if roles_anywhere(person) & WATCHERS:
        return rows
    return rows.filter(Q(giver=person) | Q(taker=person))


def delegate(person: User, taker: User, mandate: Mandate) -> Delegation:
    """Let `taker` decide for this person; what somebody delegated to them is not passed on.

    Raises NotAllowed for who decides on nothing themselves, and Invalid.
    """
    if not roles_anywhere(person) & set(STAGE_ROLES):
        raise NotAllowed(
            "You decide on nothing yourself: there is nothing to delegate.", code="nothing_to_delegate"
        )
    _check(person, taker, mandate)
    with transaction.atomic():
        delegation = Delegation.objects.create(
            giver=person,
            taker=taker,
            starts_at=mandate.starts_at,
            ends_at=mandate.ends_at,
            risk=mandate.risk,
            environments=sorted(set(mandate.environments)),
            reason=mandate.reason.strip(),
        )
        record(Event.DELEGATION_GIVE, Actor.person(person.public_id), {}, given(delegation))
    return delegation


def end_delegation(person: User, delegation_id: int) -> Delegation:
    """End a delegation now: its giver, its taker or an administrator. Raises NotAllowed, Conflict."""
    with transaction.atomic():
        rows = Delegation.objects.select_for_update(of=("self",)).select_related("giver", "taker")
        delegation = rows.filter(pk=delegation_id, pk__in=visible_delegations(person).values("pk")).first()
        if delegation is None:
            raise Invalid("There is no such delegation among those you may see.", code="not_found")
        if why_not := why_not_end(person, delegation):
            raise NotAllowed(why_not, code="may_not_end")
        if is_over(delegation):
            raise Conflict("This delegation is over already.", code="over_already")
        delegation.ended_at, delegation.ended_by = now(), person
        delegation.save(update_fields=["ended_at", "ended_by"])
        ended = {"delegation": delegation.pk, "ended_at": rfc3339(delegation.ended_at)}
        record(Event.DELEGATION_END, Actor.person(person.public_id), {}, ended)
    return delegation


def why_not_end(person: User, delegation: Delegation) -> str:
    """Why this person may not end it; empty when they may."""
    mine = person.pk in (delegation.giver_id, delegation.taker_id)
    if mine or Role.ADMINISTRATOR in roles_anywhere(person):
        return ""
    return "Only those between whom it is, or an administrator, end a delegation."


def is_over(delegation: Delegation) -> bool:
    """Whether it does not count any more."""
    return delegation.ended_at is not None or delegation.ends_at <= now()


def given(delegation: Delegation) -> dict[str, object]:
    """A delegation as the ledger holds it."""
    return {
        "delegation": delegation.pk,
        "giver": delegation.giver.public_id,
        "taker": delegation.taker.public_id,
        "starts_at": rfc3339(delegation.starts_at),
        "ends_at": rfc3339(delegation.ends_at),
        "risk": delegation.risk,
        "environments": list(delegation.environments),
        "reason": delegation.reason,
    }


def _check(person: User, taker: User, mandate: Mandate) -> None:
    wrong = {
        "You cannot delegate to yourself.": taker.pk == person.pk,
        f"{taker} is not active.": not taker.is_active,
        "The delegation ends before it starts.": mandate.ends_at <= mandate.starts_at,
        "The delegation lies in the past.": mandate.ends_at <= now(),
        "There is no such risk.": mandate.risk not in RISKS,
        "A delegation needs a reason.": not mandate.reason.strip(),
    }
    for message, holds in wrong.items():
        if holds:
            raise Invalid(message, code="delegation_not_possible")
