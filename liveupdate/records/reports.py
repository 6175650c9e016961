"""Who sees which report, and the report that a row holds."""

from dataclasses import replace

from django.db.models import QuerySet

from liveupdate.models import ReportSchedule, StoredReport
from liveupdate.reports.catalogue import Question
from liveupdate.reports.document import Period, Report
from liveupdate.reports.formats.reading import read_report
from portal.access.models import Team, User
from portal.access.policies import Person, roles, visible_teams
from portal.access.roles import Role
from portal.lib.canonical import digest
from portal.lib.errors import Conflict, NotAllowed

LARGE = ("content", "pdf")
"""Columns that lists leave in the database."""
SEE_ALL = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})
"""Roles that, held everywhere, show every report and let ask for one about all teams."""


def visible_reports(person: Person) -> QuerySet[StoredReport]:
    """The reports that a person may see: all, or those about one of their teams."""
    if roles(person, None) & SEE_ALL:
        return StoredReport.objects.all()
    return StoredReport.objects.filter(team__in=visible_teams(person))


def visible_schedules(person: Person) -> QuerySet[ReportSchedule]:
    """The schedules of reports that a person may see."""
    rows = ReportSchedule.objects.filter(ended_at=None)
    return rows if roles(person, None) & SEE_ALL else rows.filter(team__in=visible_teams(person))


def may_read(person: User, team: Team | None) -> bool:
    """Whether a person may have reports about this team (None: all teams)."""
    if not person.is_active:
        return False
    if roles(person, None) & SEE_ALL:
        return True
    return team is not None and visible_teams(person).filter(pk=team.pk).exists()


def require_reader(person: User, team: Team | None) -> None:
    """Raise NotAllowed for who may not have reports about this team."""
    if not may_read(person, team):
        about = f"team {team}" if team else "all teams"
        raise NotAllowed(
            f"You may not have reports about {about}.",
            remedy="Reports about all teams are for auditors and administrators; choose a team of yours.",
            code="report_not_yours",
        )


def question_of(stored: StoredReport) -> Question:
    """What was asked."""
    period = Period(stored.begin, stored.end, stored.time_zone)
    return Question(stored.kind, period, stored.team.slug if stored.team else "", stored.as_of)


def report_of(stored: StoredReport) -> Report:
    """The report of a row that is ready. Raises Conflict where it is not, or its bytes were altered."""
    if stored.content is None:
        raise Conflict(
            f"{stored.number} is not ready.",
            remedy="Wait for it; its page shows how far it is.",
            code="report_not_ready",
        )
    content = bytes(stored.content)
    if digest(content) != stored.digest:
        raise Conflict(
            f"{stored.number} is not as it was made.",
            remedy="Tell an auditor; make it again.",
            code="report_altered",
        )
    return replace(
        read_report(content),
        people=dict(stored.people),
        made_at=stored.made_at,
        made_by=str(stored.asked_by),
        product=stored.product,
    )
