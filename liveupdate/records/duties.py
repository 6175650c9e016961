"""What is still open with a person, so that erasing them would leave work without anybody."""

from collections.abc import Iterator

from inventory.models import LevelException
from liveupdate.models import Campaign, Emergency, Leftover, ReportSchedule, Request
from liveupdate.states import CAMPAIGN_OPEN, REQUEST_TERMINAL
from portal.access.models import User
from portal.lib.errors import Conflict

SHOWN = 3


def duties_of(person: User) -> Iterator[Conflict]:
    """A refusal for each kind of open work."""
    requests = Request.objects.filter(requester=person).exclude(state__in=REQUEST_TERMINAL)
    if open_requests := [each.number for each in requests[:SHOWN]]:
        yield Conflict(
            f"{person} asked for what is not over: {', '.join(open_requests)}.",
            remedy="Let it end, or have it withdrawn.",
            code="open_requests",
        )
    emergencies = Emergency.objects.filter(opened_by=person, closed_at=None)
    if open_emergencies := [each.incident for each in emergencies[:SHOWN]]:
        yield Conflict(
            f"{person} opened emergencies that nobody looked back at: {', '.join(open_emergencies)}.",
            remedy="Have an approver close them.",
            code="open_emergencies",
        )
    campaigns = Campaign.objects.filter(owner=person, state__in=CAMPAIGN_OPEN)
    if open_campaigns := [each.number for each in campaigns[:SHOWN]]:
        yield Conflict(
            f"{person} owns campaigns that are not over: {', '.join(open_campaigns)}.",
            remedy="Let them end, or have them withdrawn.",
            code="open_campaigns",
        )
    yield from _kept_up(person)


def _kept_up(person: User) -> Iterator[Conflict]:
    if Leftover.objects.filter(owner=person, closed_at=None).exists():
        yield Conflict(
            f"{person} takes care of leftovers that are there still.",
            remedy="Have somebody else take them.",
            code="open_leftovers",
        )
    if LevelException.objects.filter(owner=person, ended_at=None).exists():
        yield Conflict(
            f"{person} answers for exceptions that run still.",
            remedy="End them, or grant them to somebody else.",
            code="open_exceptions",
        )
    if ReportSchedule.objects.filter(owner=person, ended_at=None).exists():
        yield Conflict(
            f"{person} owns schedules of reports.",
            remedy="End them; somebody else makes their own.",
            code="open_report_schedules",
        )
