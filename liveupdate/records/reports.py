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
from portal.audit import triggers
from portal.audit.events import Event
from portal.audit.said import said_at_all
from portal.lib.canonical import digest
from portal.lib.errors import Conflict, NotAllowed

CHANGES_AFTERWARDS = ("making_until", "people", "pdf")
"""Columns of a report that may change once it is ready: names and PDF when a person is erased."""
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


def keep_as_made() -> None:
    """Have the database refuse that a report that is ready changes or goes."""
    columns = [str(field.column) for field in StoredReport._meta.concrete_fields]
    fixed = tuple(name for name in columns if name not in CHANGES_AFTERWARDS)
    ready = f"state = '{StoredReport.State.READY}'"
    triggers.KEPT[StoredReport._meta.db_table] = triggers.Kept(ready, fixed, ("pdf",))


def require_any_reader(person: User) -> None:
    """Raise NotAllowed for who may have reports about no team."""
    if not visible_teams(person).exists():
        require_reader(person, None)


def question_of(stored: StoredReport) -> Question:
    """What was asked."""
    period = Period(stored.begin, stored.end, stored.time_zone)
    return Question(stored.kind, period, stored.team.slug if stored.team else "", stored.as_of)


def report_of(stored: StoredReport) -> Report:
    """The report of a row that is ready. Raises Conflict where it is not, or not what was entered when it was
    made."""
    if stored.content is None:
        raise Conflict(
            f"{stored.number} is not ready.",
            remedy="Wait for it; its page shows how far it is.",
            code="report_not_ready",
        )
    content = bytes(stored.content)
    entered = _entered(stored)
    if not digest(content) == stored.digest == entered["digest"]:
        raise Conflict(
            f"{stored.number} is not as it was made.",
            remedy=f"Keep it, tell an auditor, and make it again. The ledger names {entered['digest']}.",
            code="report_altered",
        )
    return replace(
        read_report(content),
        people=dict(stored.people),
        made_at=stored.made_at,
        made_by=str(stored.asked_by),
        product=stored.product,
    )


def stored_pdf(stored: StoredReport) -> bytes | None:
    """The PDF as it was made; None where it is to be made anew. Raises Conflict where it was altered."""
    if stored.pdf is None:
        return None
    content, entered = bytes(stored.pdf), _entered(stored)
    if digest(content) != entered["pdf_sha256"]:
        raise Conflict(
            f"The PDF of {stored.number} is not as it was made.",
            remedy="Keep it and tell an auditor. JSON, CSV and HTML are checked by themselves.",
            code="report_pdf_altered",
        )
    return content


def _entered(stored: StoredReport) -> dict[str, str]:
    """What the ledger holds of the making of a report. Raises Conflict where it holds nothing."""
    for document in said_at_all((Event.REPORT_CREATE,)):
        if document["sub"].get("report") == stored.number:
            said: dict[str, str] = document["d"]
            return said
    raise Conflict(
        f"The ledger holds nothing of {stored.number}: the portal did not make it.",
        remedy="Tell an auditor, and have audit_verify run.",
        code="report_not_entered",
    )
