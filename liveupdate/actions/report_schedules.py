"""Schedules of reports: set, ended, and played by the scheduler."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from liveupdate.actions.reports import ask_for_report
from liveupdate.models import ReportSchedule
from liveupdate.records.reports import may_read, require_reader, visible_schedules
from liveupdate.reports.catalogue import Question, check_question
from liveupdate.reports.document import Period
from portal.access.models import Team, User
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, PortalError

HOUR = time(1)
"""When a report is made, by the clock on the wall of its zone: the day before is whole by then."""


@dataclass(frozen=True, slots=True)
class ScheduleWish:
    """What a person wants to be made and mailed."""

    kind: str
    team: Team | None
    every: str
    time_zone: str
    recipients: Sequence[User]


def set_report_schedule(person: User, wish: ScheduleWish) -> ReportSchedule:
    """Have a report made each week or month. Raises NotAllowed, Invalid."""
    require_reader(person, wish.team)
    begin, end = span_before(now(), wish.every, wish.time_zone)
    check_question(
        Question(wish.kind, Period(begin, end, wish.time_zone), wish.team.slug if wish.team else "")
    )
    if not wish.recipients:
        raise Invalid(
            "Nobody would get the report.", remedy="Choose who gets the link.", code="no_recipients"
        )
    without = [str(each) for each in wish.recipients if not may_read(each, wish.team)]
    if without:
        raise Invalid(
            f"{', '.join(without)} may not read this report.",
            remedy="Choose people who have the right to it.",
            code="recipient_without_right",
        )
    with transaction.atomic():
        schedule = ReportSchedule.objects.create(
            kind=wish.kind,
            team=wish.team,
            every=wish.every,
            time_zone=wish.time_zone,
            owner=person,
            next_at=next_turn(now(), wish.every, wish.time_zone),
        )
        schedule.recipients.set(wish.recipients)
        names = sorted(each.public_id for each in wish.recipients)
        _enter(schedule, Actor.person(person.public_id), {"recipients": names, "ended": 0})
    return schedule


def end_report_schedule(person: User, schedule_id: int) -> ReportSchedule:
    """Make it no longer. Raises Conflict where it is over or not the person's to see, NotAllowed."""
    with transaction.atomic():
        rows = visible_schedules(person).select_for_update(of=("self",)).select_related("team")
        schedule = rows.filter(pk=schedule_id).first()
        if schedule is None:
            raise Conflict("There is no such schedule any more.", code="schedule_over")
        require_reader(person, schedule.team)
        schedule.ended_at = now()
        schedule.save(update_fields=["ended_at"])
        _enter(schedule, Actor.person(person.public_id), {"recipients": [], "ended": 1})
    return schedule


def play_report_schedules() -> int:
    """Ask for the reports that are due, each once; returns how many. Who lost the right gets none."""
    due = ReportSchedule.objects.filter(ended_at=None, next_at__lte=now()).values_list("pk", flat=True)
    return sum(_play(pk) for pk in list(due))


def _play(schedule_id: int) -> bool:
    with transaction.atomic():
        rows = ReportSchedule.objects.select_for_update(of=("self",)).select_related("team", "owner")
        schedule = rows.filter(pk=schedule_id, ended_at=None, next_at__lte=now()).first()
        if schedule is None:
            return False
        begin, end = span_before(schedule.next_at, schedule.every, schedule.time_zone)
        schedule.next_at = next_turn(now(), schedule.every, schedule.time_zone)
        schedule.problem = ""
        team = schedule.team.slug if schedule.team else ""
        question = Question(schedule.kind, Period(begin, end, schedule.time_zone), team)
        try:
            with transaction.atomic():
                ask_for_report(schedule.owner, question, schedule)
        except PortalError as refused:
            schedule.problem = f"{refused.message} {refused.remedy}".strip()
        schedule.save(update_fields=["next_at", "problem"])
    return not schedule.problem


def next_turn(at: datetime, every: str, zone: str) -> datetime:
    """The first turn after a moment: on Mondays, or on the first of a month."""
    here = ZoneInfo(zone)
    day = at.astimezone(here).date()
    while True:
        turn = datetime.combine(day, HOUR, tzinfo=here)
        if turn > at and (day.weekday() == 0 if every == ReportSchedule.Every.WEEK else day.day == 1):
            return turn
        day += timedelta(days=1)


def span_before(at: datetime, every: str, zone: str) -> tuple[datetime, datetime]:
    """The whole week (from Monday) or month that was over before a moment, by the days of a zone."""
    here = ZoneInfo(zone)
    day = at.astimezone(here).date()
    if every == ReportSchedule.Every.WEEK:
        end = day - timedelta(days=day.weekday())
        begin = end - timedelta(days=7)
    else:
        end = day.replace(day=1)
        begin = (end - timedelta(days=1)).replace(day=1)
    return datetime.combine(begin, time(), tzinfo=here), datetime.combine(end, time(), tzinfo=here)


def _enter(schedule: ReportSchedule, actor: Actor, data: dict[str, object]) -> None:
    team = schedule.team.slug if schedule.team else ""
    subject: dict[str, str | int] = {"report_schedule": schedule.pk, "kind": schedule.kind, "team": team}
    record(
        Event.REPORT_SCHEDULE, actor, subject, {"every": schedule.every, "zone": schedule.time_zone, **data}
    )
