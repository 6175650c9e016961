"""Send the mails that wait, and write reminders. One mail is never sent by two processes at once."""

import logging
from datetime import datetime, timedelta
from itertools import takewhile

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Min, QuerySet
from django.db.models.functions import Now

from liveupdate.actions.notices import address_of_choices, summary_of, tell
from liveupdate.control.notices import Letter, Occasion, joint_letter, reasons_in
from liveupdate.models import CampaignTarget, Notice, Request
from liveupdate.models.notices import MOST_ATTEMPTS
from liveupdate.policies import possible_deciders
from liveupdate.states import RequestState
from portal.access.auditing.people import named
from portal.lib.canonical import digest
from portal.lib.clock import now
from portal.lib.redaction import redact

log = logging.getLogger(__name__)
AT_A_TIME, MOST_TOGETHER = 50, 100
TAKEN_FOR = timedelta(minutes=5)
"""How long a process that began to send a mail is left alone with it."""
LONGEST_PAUSE = timedelta(hours=1)
SHARES = (80, 50)
"""Of the time from the submission to the window, in per cent: when deciders are reminded, the later first."""


def waiting_notices() -> QuerySet[Notice]:
    """Mails whose time has come."""
    return Notice.objects.filter(
        sent_at=None, overtaken_at=None, try_at__lte=Now(), attempts__lt=MOST_ATTEMPTS
    )


def failing_notices() -> QuerySet[Notice]:
    """Mails that were tried and are not sent."""
    return Notice.objects.filter(sent_at=None, overtaken_at=None, attempts__gt=0).exclude(problem="")


def mail_works() -> bool:
    """Whether no mail waits that could not be sent."""
    return not failing_notices().exists()


def send_waiting() -> int:
    """Send what is due, the oldest first, until one cannot be sent; returns how many were dealt with."""
    due = waiting_notices().order_by("pk").values_list("pk", flat=True)
    return sum(takewhile(bool, (_send(pk) for pk in list(due[:AT_A_TIME]))))


def _send(pk: int) -> bool:
    """Send one mail unless somebody else does, or what it tells of is over; whether it did not fail.

    What waits for the same person, of the same occasion and campaign, goes with it: one mail tells all.
    """
    if not _take(pk):
        return True
    notice = Notice.objects.select_related("person", "request", "campaign", "run").get(pk=pk)
    taken = [notice, *(other for other in _alike(notice) if _take(other.pk))]
    over = [each.pk for each in taken if each.is_over]
    Notice.objects.filter(pk__in=over).update(overtaken_at=Now())
    told = [each for each in taken if each.pk not in over]
    if not told:
        return True
    these = Notice.objects.filter(pk__in=[each.pk for each in told])
    try:
        _mail(told).send()
    except (OSError, ValueError) as error:
        pause = min(LONGEST_PAUSE, timedelta(seconds=15 * 2**notice.attempts))
        problem = _without_password(f"{type(error).__name__}: {error}")
        these.update(problem=problem[:500], try_at=now() + pause)
        log.warning("mail %s could not be sent: %s", pk, problem)
        return False
    these.update(sent_at=Now(), problem="")
    return True


def _take(pk: int) -> bool:
    """Whether this process, and no other, deals with a mail now."""
    mine = waiting_notices().filter(pk=pk)
    return mine.update(try_at=now() + TAKEN_FOR, attempts=F("attempts") + 1) == 1


def _alike(notice: Notice) -> QuerySet[Notice]:
    """What else waits for this person, of the same occasion, about requests of the same campaign."""
    target = CampaignTarget.objects.filter(request=notice.request_id).first() if notice.request_id else None
    if target is None:
        return Notice.objects.none()
    alike = waiting_notices().filter(person=notice.person, occasion=notice.occasion).exclude(pk=notice.pk)
    same = alike.filter(request__campaign_target__campaign=target.campaign_id)
    return same.select_related("person", "request__lpar__host", "run").order_by("pk")[: MOST_TOGETHER - 1]


def _without_password(problem: str) -> str:
    """What a mail server answered, which may be what it was sent."""
    return redact(problem.encode(), [settings.EMAIL_HOST_PASSWORD]).decode()


def _mail(notices: list[Notice]) -> EmailMessage:
    """The same mail has the same id however often it is sent: mail programs show it once."""
    name = digest("\n".join(each.key for each in notices).encode()).removeprefix("sha256:")
    headers = {"Message-ID": f"<{name}@lu-portal>", "Auto-Submitted": "auto-generated"}
    written = _as_one(notices) if len(notices) > 1 else Letter(notices[0].subject, notices[0].text)
    return EmailMessage(
        named(written.subject), named(written.text), to=[notices[0].person.email], headers=headers
    )


def _as_one(notices: list[Notice]) -> Letter:
    target = CampaignTarget.objects.select_related("campaign").get(request=notices[0].request_id)
    requests = [(summary_of(each.about, each.run), reasons_in(each.text)) for each in notices]
    occasion = Occasion(notices[0].occasion)
    return joint_letter(occasion, summary_of(target.campaign), requests, address_of_choices())


def remind() -> None:
    """Remind those who can decide when a share of the time to the window is over."""
    asked = Notice.objects.filter(
        occasion=Occasion.TO_DECIDE, version=F("request__version"), request__state=RequestState.SUBMITTED
    )
    for request_id, asked_at in asked.order_by().values_list("request").annotate(at=Min("created_at")):
        request = Request.objects.select_related("lpar__host", "team", "requester").get(pk=request_id)
        share = _share_over(request, asked_at)
        told = Notice.objects.filter(
            request=request, occasion=Occasion.REMINDER, key__contains=f":{request.version}:{share}:"
        )
        if share and not told.exists():
            tell(
                Occasion.REMINDER,
                possible_deciders(request),
                request,
                matter=str(share),
                reasons=[f"{share} % of the time to its change window is over."],
                only_while=RequestState.SUBMITTED,
            )


def _share_over(request: Request, asked_at: datetime) -> int:
    """The highest share that is over, 0 before the first; an open window counts up to its end."""
    until = request.starts_at if request.starts_at > asked_at else request.ends_at
    gone = (now() - asked_at) / (until - asked_at) if until > asked_at else 1.0
    return next((share for share in SHARES if gone * 100 >= share), 0)
