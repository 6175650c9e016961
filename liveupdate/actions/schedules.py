"""Refresh schedules: who reads whose facts how often, and when each LPAR's turn is."""

import random
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from inventory.models import Lpar
from liveupdate.models import RefreshSchedule
from portal.access.models import Team, User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid

JITTER = 0.1
"""A turn comes up to this share of the interval earlier or later, so that turns spread."""


def set_schedule(
    person: User, team: Team | None, environment: str, *, every_minutes: int, good_for_minutes: int
) -> RefreshSchedule:
    """Have the facts of a group read every so many minutes; a group has one schedule.

    Raises NotAllowed, and Invalid for times that contradict each other or are out of bounds.
    """
    require(person, {Role.ADMINISTRATOR}, None, "change refresh schedules")
    if good_for_minutes <= every_minutes:
        raise Invalid(
            f"Facts read every {every_minutes} minutes cannot be good for {good_for_minutes} minutes.",
            remedy="Let them be good for longer than the time from one look to the next.",
            code="schedule_not_possible",
        )
    with transaction.atomic():
        known = RefreshSchedule.objects.select_for_update(of=("self",)).filter(
            team=team, environment=environment
        )
        schedule = known.first() or RefreshSchedule(team=team, environment=environment)
        schedule.every_minutes, schedule.good_for_minutes = every_minutes, good_for_minutes
        schedule.changed_by = person
        try:
            schedule.full_clean()
        except ValidationError as error:
            raise Invalid(" ".join(error.messages), code="schedule_not_possible") from error
        schedule.save()
        _enter(schedule, person, {"every_minutes": every_minutes, "good_for_minutes": good_for_minutes})
        _turns_anew()
    return schedule


def remove_schedule(person: User, schedule_id: int) -> str:
    """Take a group's schedule away; returns the group's name. Raises NotAllowed, Conflict."""
    require(person, {Role.ADMINISTRATOR}, None, "change refresh schedules")
    with transaction.atomic():
        schedule = RefreshSchedule.objects.select_for_update(of=("self",)).select_related("team")
        found = schedule.filter(pk=schedule_id).first()
        if found is None:
            raise Conflict("The schedule is gone already.", code="over_already")
        _enter(found, person, {"removed": 1})
        found.delete()
        _turns_anew()
    return str(found)


def give_turns() -> None:
    """Set when LPARs without a turn are looked at, counted from when their facts were read."""
    for schedule in sorted(RefreshSchedule.objects.all(), key=lambda each: each.closeness, reverse=True):
        waiting = Lpar.objects.in_service().filter(schedule.group, next_look_at=None)
        waiting.update(
            next_look_at=Coalesce(F("facts_read_at") + schedule.every, Now()),
            stale_at=F("facts_read_at") + schedule.good_for,
        )


def schedule_of(lpar: Lpar, schedules: Iterable[RefreshSchedule]) -> RefreshSchedule | None:
    """The schedule that counts for an LPAR, or None."""
    return max(
        (
            each
            for each in schedules
            if each.team_id in (None, lpar.team_id)
            and each.environment.lower() in ("", lpar.environment.lower())
        ),
        key=lambda each: each.closeness,
        default=None,
    )


def set_next_turn(lpar: Lpar) -> None:
    """Set an LPAR's turn after a look at it, and until when what was read now is good."""
    schedule = schedule_of(lpar, RefreshSchedule.objects.all())
    turn = stale = None
    if schedule is not None:
        spread = 1 + random.uniform(-JITTER, JITTER)  # noqa: S311 - spreads load, guards nothing
        turn, stale = now() + spread * schedule.every, now() + schedule.good_for
    Lpar.objects.filter(pk=lpar.pk).update(next_look_at=turn, stale_at=stale)


def _turns_anew() -> None:
    Lpar.objects.exclude(next_look_at=None, stale_at=None).update(next_look_at=None, stale_at=None)
    give_turns()


def _enter(schedule: RefreshSchedule, person: User, data: dict[str, int]) -> None:
    team = schedule.team.slug if schedule.team else ""
    subject = {"refresh_schedule": str(schedule), "team": team, "environment": schedule.environment}
    record(Event.CONFIG_CHANGE, Actor.person(person.public_id), subject, data)
